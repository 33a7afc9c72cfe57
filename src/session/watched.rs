//! A model that knows whether somebody may have changed it.

use std::ops::{Deref, DerefMut};

use crate::model::Model;

/// The model, and whether it was [lent for changing](DerefMut) since [`settle`](Self::settle): what was made of its
/// parameters holds as long as it was not.
#[derive(Debug)]
pub(super) struct Watched {
    model: Model,
    may_differ: bool,
}

impl Watched {
    /// Watches `model`, which is new to everybody.
    pub fn new(model: Model) -> Watched {
        Watched { model, may_differ: true }
    }

    /// Whether it may differ from what it was at the last call.
    pub fn settle(&mut self) -> bool {
        std::mem::replace(&mut self.may_differ, false)
    }

    /// Its parameters and state for a forward pass in inference, which changes neither.
    pub fn numbers(&mut self) -> (&[f32], &mut [f32]) {
        (&self.model.params, &mut self.model.state)
    }
}

impl Deref for Watched {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.model
    }
}

impl DerefMut for Watched {
    fn deref_mut(&mut self) -> &mut Model {
        self.may_differ = true;
        &mut self.model
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Model, zoo};
    use crate::session::{Session, Source};

    #[test]
    fn a_prediction_knows_of_every_change_of_the_model() {
        let model = |seed| Model::create(zoo::preset("keras-cnn").unwrap(), seed).unwrap();
        let picture: Vec<u8> = (0..784).map(|i| (i * 7 % 256) as u8).collect();
        let predict = |session: &mut Session| {
            let classes = session.predict(Source::Prepared(&picture), 10).unwrap().classes;
            classes.iter().map(|class| (class.index, class.confidence.to_bits())).collect::<Vec<_>>()
        };
        let expected = [1, 2].map(|seed| predict(&mut Session::new(model(seed)).unwrap()));
        assert_ne!(expected[0], expected[1]);
        let mut session = Session::new(model(1)).unwrap();
        for _ in 0..3 {
            assert_eq!(predict(&mut session), expected[0]);
        }
        session.model.params.copy_from_slice(&model(2).params);
        for _ in 0..3 {
            assert_eq!(predict(&mut session), expected[1]);
        }
        *session.model = model(1);
        assert_eq!(predict(&mut session), expected[0]);
        // Many at once leave what one alone has made as it is, and see a change too.
        session.model.params.copy_from_slice(&model(2).params);
        session.predict_batch(&picture.repeat(2)).unwrap();
        assert_eq!(predict(&mut session), expected[1]);
    }
}
