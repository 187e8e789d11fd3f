export { adoptBlob, type BlobUse, keepBlob, shareBlobs } from './keep-blob.ts';
export { openShown, sealShown, type Shown } from './open-shown.ts';
export { type Blob, collectBlob, readBlob } from './read-blob.ts';
export { type FileInfo, keepFile, openFileInfo } from './keep-file.ts';
export { dropFiles, forgetFiles, shareFiles } from './files-of.ts';
export { openFile } from './open-file.ts';
