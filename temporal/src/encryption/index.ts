export { additionalData } from './additional-data.ts';
export { checkMasterKey } from './check-master-key.ts';
export { keyVersionOf } from './envelope.ts';
export { BrokenSeal, createKeyRing, type KeyRing, type KeyRingOptions } from './key-ring.ts';
export {
  createMasterKeyText,
  loadMasterKeys,
  parseMasterKey,
  type MasterKey,
  type MasterKeys,
  type MasterKeySettings,
} from './master-keys.ts';
export { moveToCurrentKey } from './move-to-current-key.ts';
export { createSystemSeal, type SystemSeal } from './system-seal.ts';
