/** A worker's script: it is started, and exports nothing. */
export {};
