// A page that uses the package as its users do; it says how it went in #result.
import { createUploader } from "upferry";

const bytes = Uint8Array.from({ length: 3 * 1024 * 1024 + 4321 }, (_, i) => (i * 31 + (i >> 8)) % 251);

async function uploadOne() {
  const uploader = await createUploader({ endpoint: "/uploads" });
  const upload = uploader.add(new File([bytes], "a.bin"));
  const { name, size, digest, contentUrl } = await upload.done;
  return { name, size, digest, contentUrl, secure: isSecureContext };
}

/** @param {unknown} result */
function tell(result) {
  /** @type {HTMLElement} */ (document.querySelector("#result")).textContent = JSON.stringify(result);
}

uploadOne().then(tell, (error) => tell({ error: `${error.name}: ${error.message} (${error.code})` }));
