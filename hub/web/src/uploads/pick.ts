/** Lets a person choose files of their computer. */
export function pick(how: Partial<Pick<HTMLInputElement, 'multiple' | 'webkitdirectory'>>, picked: (files: FileList) => void): void {
  const input = Object.assign(document.createElement('input'), { type: 'file', hidden: true, ...how });
  input.oncancel = () => input.remove();
  input.onchange = () => {
    if (input.files?.length) picked(input.files);
    input.remove();
  };
  // In the page, so that it outlives the time that the person takes to choose.
  document.body.append(input);
  input.click();
}
