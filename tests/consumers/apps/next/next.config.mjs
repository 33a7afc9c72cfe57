// A static export; nothing in here is for the package.
export default { output: 'export' };
