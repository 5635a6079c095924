/** What the templates hold that stack.test.ts compares with what is synthesized: read from there, since a synthesis takes seconds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template as Assertions, Match } from 'aws-cdk-lib/assertions';
import { expect } from 'vitest';

const GOLDEN = join(import.meta.dirname, '../../golden/infra');

export const stack = read('headroom');
export const watched = read('headroom-watched-account');

function read(name: string): Assertions {
  return Assertions.fromString(readFileSync(join(GOLDEN, `${name}.template.json`), 'utf8'));
}

/** Logical ids of what a type has, by a word in them. */
export function idOf(type: string, word: string): string {
  const found = Object.keys(stack.findResources(type)).filter((id) => id.includes(word));
  expect(found, `${type} ${word}`).toHaveLength(1);
  return found[0] ?? '';
}

export function titled(entry: string): string {
  return entry.slice(0, 1).toUpperCase() + entry.slice(1);
}

export function functionId(entry: string): string {
  const found = stack.findResources('AWS::Lambda::Function', {
    Properties: { Description: Match.stringLikeRegexp(`^Headroom ${entry}:`) },
  });
  return Object.keys(found)[0] ?? '';
}

/** What the role that acts is known by. */
export const ACTOR_ID = idOf('AWS::IAM::Role', 'Actor');
export const ACTOR_ARN = { 'Fn::GetAtt': [ACTOR_ID, 'Arn'] };

/** Roles that an entry may take on. */
export function takenOnBy(entry: string): unknown[] {
  return policyOf(entry)
    .Statement.filter(({ Action }) => Action === 'sts:AssumeRole')
    .map(({ Resource }) => Resource);
}

export type Statement = { Action: string | string[]; Resource: unknown };

export function policyOf(entry: string): { Statement: Statement[] } {
  const role = { Ref: idOf('AWS::IAM::Role', `Functions${titled(entry)}Role`) };
  const [policy] = Object.values(stack.findResources('AWS::IAM::Policy', { Properties: { Roles: [role] } }));
  return policy?.['Properties']['PolicyDocument'];
}
