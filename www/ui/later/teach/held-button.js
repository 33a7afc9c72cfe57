// A button that does its work once when pressed, and again and again while a pointer holds it.

/** How long a press is until it is held, in ms. */
const HELD_AFTER = 400;
/** The least between two times, in ms. */
const PACE = 200;

/** @param {HTMLButtonElement} button @param {() => Promise<void>} work */
export function onHeld(button, work) {
  /** Which press it is; another number ends the one before. */
  let press = 0;
  let wasHeld = false;
  const wait = (/** @type {number} */ time) => new Promise((resolve) => setTimeout(resolve, time));
  button.addEventListener('pointerdown', async (event) => {
    if (event.button !== 0) return;
    const own = ++press;
    wasHeld = false;
    await wait(HELD_AFTER);
    while (own === press && button.offsetParent !== null) {
      wasHeld = true;
      await work();
      await wait(PACE);
    }
  });
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) button.addEventListener(end, () => (press += 1));
  // A long press on a touch screen asks for a menu.
  button.addEventListener('contextmenu', (event) => event.preventDefault());
  button.addEventListener('click', () => {
    if (!wasHeld) work();
    wasHeld = false;
  });
}
