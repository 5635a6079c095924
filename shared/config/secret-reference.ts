import { ALL_NAMES } from './names.ts';
import { environmentName } from './setting.ts';

/** A secret of AWS Secrets Manager, by name or ARN; of the JSON object that it holds one field, or all of it. */
export type SecretReference = { name: string; id: string; field?: string };

const PREFIX = 'secretsmanager:';

/** Names and ARNs hold no `#`. @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
const REFERENCE = /^secretsmanager:([\w/+=.@:-]{1,2048})(?:#(.{1,256}))?$/u;

/** Whether the value stands for a secret elsewhere, well spelt or not. */
export function isSecretReference(value: string): boolean {
  return value.startsWith(PREFIX);
}

/**
 * The names of the environment that are secrets and given by reference, `secretsmanager:<name or ARN>[#<field>]`. What is
 * spelt wrong is left where it stands, and refused when it is read.
 */
export function secretReferences(environment: Readonly<Record<string, string | undefined>>): SecretReference[] {
  return ALL_NAMES.filter(({ secret }) => secret).flatMap((setting) => {
    const name = environmentName(setting.name);
    const [, id, field] = REFERENCE.exec(environment[name]?.trim() ?? '') ?? [];
    if (id === undefined) return [];
    return [field === undefined ? { name, id } : { name, id, field }];
  });
}
