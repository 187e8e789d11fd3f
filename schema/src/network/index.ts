export { addressBudget, clientAddress, trustedProxiesSchema, type TrustedProxies } from './trusted-proxies.ts';
