import { App, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EVERYTHING, type Synthesized, synthesize } from './synthesized.ts';

/** Five seconds of work where nothing else runs; on a machine that is busy with ten other files, many times that. */
const SYNTHESIS_MS = 240_000;

let made: Synthesized;
beforeAll(() => {
  made = synthesize(EVERYTHING);
}, SYNTHESIS_MS);
afterAll(() => made.remove());

describe('the synthesized template', () => {
  test('breaks no rule of cdk-nag, and is the one that was looked through', async () => {
    await expect(`${JSON.stringify(made.headroom, null, 2)}\n`).toMatchFileSnapshot(
      '../../golden/infra/headroom.template.json',
    );
    await expect(`${JSON.stringify(made.watched, null, 2)}\n`).toMatchFileSnapshot(
      '../../golden/infra/headroom-watched-account.template.json',
    );
  });

  test('names no account and no region, so that a second region takes it as it is', () => {
    const text = JSON.stringify(made.headroom).replaceAll('210987654321', '');
    expect(text).not.toMatch(/\b\d{12}\b/);
    expect(text).not.toMatch(/\b(?:us|eu|ap|sa|ca|me|af)-[a-z]+-\d\b/);
  });

  test('a violation that nobody acknowledged stops the synthesis', () => {
    const app = new App({ analyticsReporting: false });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const role = new iam.Role(new Stack(app, 'Seeded'), 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:*'], resources: ['*'] }));
    expect(() => app.synth()).toThrow('AwsSolutions-IAM5[Action::s3:*]');
  });
});
