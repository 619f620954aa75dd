// @ts-check

/**
 * Makes the whole page take files, and shows it while some hover over it (`data-dropping` on the root element).
 * @param {(files: DataTransfer) => void} take
 */
export function acceptDrops(take) {
  /** @param {DragEvent} event */
  const hover = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    // Without this the browser would leave the page and open the file.
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    root.dataset.dropping = "";
  };
  document.addEventListener("dragenter", hover);
  document.addEventListener("dragover", hover);
  document.addEventListener("dragleave", ({ relatedTarget }) => {
    // Between two elements of the page it has not left.
    if (relatedTarget === null) delete root.dataset.dropping;
  });
  document.addEventListener("drop", (event) => {
    delete root.dataset.dropping;
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    take(event.dataTransfer);
  });
}

const root = document.documentElement;
