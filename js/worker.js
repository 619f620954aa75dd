// @ts-check
// Hashes buffers for a page without WebCrypto. The first message brings the compiled module, each further one a buffer,
// which goes back with its digest.
import { initSync, sha256 } from "../pkg/upferry.js";

self.addEventListener("message", ({ data }) => {
  if (data.module) {
    initSync({ module: data.module });
    self.postMessage({ ready: true });
  } else {
    const { id, buffer } = data;
    self.postMessage({ id, buffer, digest: sha256(buffer) }, { transfer: [buffer] });
  }
});
