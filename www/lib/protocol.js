/** The version of the wire, which `protocol.d.ts` describes: raised when a message changes its meaning. */
export const PROTOCOL = 1;
