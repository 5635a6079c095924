/** Secrets through App Configuration and Key Vault that are never the cause of throttling. */
export type { SecretsClock } from './clock.ts';
export type { Selector } from './configuration-source.ts';
export { createSecrets, type Secrets, type SecretsStats } from './create-secrets.ts';
export { isSecretsError, SecretsError, type SecretsErrorKind } from './errors.ts';
export type { Meter } from './meter.ts';
export type { SecretsOptions } from './options.ts';
export type { SecretsEvent } from './telemetry.ts';
export type { AccessToken, TokenCredential, TokenOptions } from './token.ts';
