'use client';

import { useEffect, useState } from 'react';
import * as ocelli from 'ocelli';
import { job } from './job.js';

export function Digit() {
  const [answer, setAnswer] = useState(null);
  useEffect(() => void job(ocelli).then(setAnswer), []);
  return <output id="told">{answer && JSON.stringify(answer)}</output>;
}
