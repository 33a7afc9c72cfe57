import { BUILD } from 'ocelli';

import { Digit } from './digit.jsx';

/** Rendered on the server, which imports the package too. */
export default function Page() {
  return (
    <main>
      <p id="build">{BUILD}</p>
      <Digit />
    </main>
  );
}
