// @ts-check
// Hashes buffers for a page without WebCrypto: the first message brings the compiled module, each further one a buffer,
// which goes back with its digest. And keeps the time for a hidden page, whose own timers come late: `tick` goes back
// after `ms` milliseconds, for which no module is needed.
import { initSync, sha256 } from "../pkg/upferry.js";

self.addEventListener("message", ({ data }) => {
  if ("tick" in data) {
    setTimeout(() => self.postMessage({ tick: data.tick }), data.ms);
  } else if (data.module) {
    initSync({ module: data.module });
    self.postMessage({ ready: true });
  } else {
    const { id, buffer } = data;
    self.postMessage({ id, buffer, digest: sha256(buffer) }, { transfer: [buffer] });
  }
});
