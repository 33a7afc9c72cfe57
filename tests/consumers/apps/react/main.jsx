import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import * as ocelli from 'ocelli';
import { job } from '../job.js';

function Digit() {
  const [answer, setAnswer] = useState(null);
  useEffect(() => void job(ocelli).then(setAnswer), []);
  return <output id="told">{answer && JSON.stringify(answer)}</output>;
}

createRoot(document.getElementById('app')).render(<Digit />);
