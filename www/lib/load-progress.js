// @ts-check
/** How much of a file has arrived. */

/**
 * The same response, whose body is counted as it is read.
 * @param {Response} response
 * @param {(progress: { share: number }) => void} onProgress
 * @returns {Response}
 */
export function counted(response, onProgress) {
  const expected = Number(response.headers.get('content-length'));
  if (!expected || !response.body) return response;
  let received = 0;
  const body = response.body.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        received += chunk.byteLength;
        onProgress({ share: Math.min(1, received / expected) }); // an encoded body is longer than it says
        controller.enqueue(chunk);
      },
    }),
  );
  return new Response(body);
}
