/** Whether a key was pressed together with Ctrl, Alt or Cmd: then it is the browser's, as Alt with ← goes back. */
export const isChord = ({ ctrlKey, metaKey, altKey }) => ctrlKey || metaKey || altKey;
