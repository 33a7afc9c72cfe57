// Numbers as people read them.

/**
 * A share as a percentage; one more digit near 100 %, where it matters.
 * @param {number} share 0 to 1
 * @param {number} [digits] after the point
 */
export function percent(share, digits) {
  if (!Number.isFinite(share)) return '–';
  const value = share * 100;
  if (digits !== undefined) return `${value.toFixed(digits)}%`;
  if (value >= 99.95) return '100%';
  if (value >= 99) return `${value.toFixed(1)}%`;
  return `${value.toFixed(0)}%`;
}

/** @param {number} value */
export function loss(value) {
  if (!Number.isFinite(value)) return '–';
  return value >= 10 ? value.toFixed(1) : value.toFixed(value < 0.1 ? 4 : 3);
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** @param {number} value */
export function count(value) {
  return Number.isFinite(value) ? whole.format(value) : '–';
}

/** @param {number} seconds */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return '–';
  const rounded = Math.max(0, Math.round(seconds));
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${String(rounded % 60).padStart(2, '0')} s`;
  return `${Math.floor(rounded / 3600)} h ${String(Math.floor((rounded % 3600) / 60)).padStart(2, '0')} min`;
}

/** @param {number} bytes */
export function bytes(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
