// What a dropped file is, by its name first and its first bytes second.

/** @typedef {'picture' | 'network' | 'data'} FileKind */

/**
 * @param {File} file
 * @returns {Promise<FileKind>}
 */
export async function fileKind(file) {
  const name = file.name.toLowerCase();
  if (name.endsWith('.safetensors')) return 'network';
  // What lies in a folder is one of many: examples.
  if (file.webkitRelativePath?.includes('/')) return 'data';
  if (/idx\d|\.idx|ubyte|\.(gz|zip|npz|npy|csv|bin)$/.test(name)) return 'data';
  if (file.type.startsWith('image/') || /\.(png|jpe?g|webp|gif|bmp)$/.test(name)) return 'picture';
  const start = new Uint8Array(await file.slice(0, 9).arrayBuffer());
  if (start[0] === 0x1f && start[1] === 0x8b) return 'data';
  if (start[0] === 0x50 && start[1] === 0x4b) return 'data';
  if (start[0] === 0 && start[1] === 0 && start[2] === 8) return 'data';
  // safetensors: eight bytes of header length, then the JSON header.
  if (start[8] === 0x7b && start[7] === 0 && start[6] === 0) return 'network';
  // Whatever else it is, the picture decoder says so in one sentence.
  return 'picture';
}
