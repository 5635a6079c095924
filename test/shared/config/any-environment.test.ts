import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALL_NAMES } from '../../../shared/config/names.ts';
import { environmentName } from '../../../shared/config/setting.ts';
import { readConfig } from '../../../shared/config.ts';
import { configOf, values } from './kit.ts';

describe('the configuration', () => {
  test('is frozen to its leaves', () => {
    const config = configOf({ HEADROOM_LOGS: 'a.json' }, { settings: { routes: [{ to: ['*'] }] } });
    const unfrozen: string[] = [];
    const visit = (value: unknown, path: string) => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) unfrozen.push(path);
      for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`);
    };
    visit(config, 'config');
    expect(unfrozen).toEqual([]);
    expect(Reflect.set(config.settings.routes, 0, { to: [] })).toBe(false);
  });

  const anyName = fc.oneof(
    fc.constantFrom(...ALL_NAMES.map((setting) => environmentName(setting.name))),
    fc.string().map((text) => `HEADROOM_${text}`),
    fc.string(),
  );
  const anyText = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...ALL_NAMES.map((setting) => setting.example)),
    fc.webUrl(),
    fc.integer().map(String),
  );

  test('or the problems come of any values whatever, never an exception', () => {
    fc.assert(
      fc.property(
        fc.dictionary(anyName, fc.option(anyText, { nil: undefined })),
        fc.dictionary(fc.string(), anyText),
        fc.oneof(fc.anything(), fc.json()),
        fc.constantFrom('local' as const, 'azure' as const, 'aws' as const),
        (environment, appConfiguration, settings, cloud) => {
          const result = readConfig({ environment, appConfiguration, settings, cloud });
          if (!result.ok) {
            expect(result.problems.length).toBeGreaterThan(0);
            for (const { name, problem, nextStep } of result.problems)
              expect([name, problem, nextStep].every((part) => part !== '')).toBe(true);
          }
        },
      ),
    );
  });

  const secretNames = ALL_NAMES.filter((setting) => setting.secret).map((setting) => environmentName(setting.name));
  const marked = fc
    .tuple(fc.string({ maxLength: 20 }), fc.constantFrom('', 'https://', '@Microsoft.', 'http://h/', ' x '))
    .map(([text, head]) => `${head}s3cret-v4lue${text}`);

  test('shows no secret in JSON, in inspection or in any problem, wherever it was put', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.constantFrom(...secretNames), anyName), marked),
        fc.record({ escalation: fc.record({ after: fc.constantFrom('5m', 'never'), webhook: marked }), zone: marked }),
        (environment, settings) => {
          const secrets = Object.fromEntries(Object.entries(environment).filter(([name]) => !isShown(name)));
          for (const given of [settings, { escalation: settings.escalation }, JSON.stringify(settings).slice(0, -1)]) {
            expect(shown(readConfig(values(secrets, { settings: given })))).not.toContain('s3cret-v4lue');
            const result = readConfig(values(environment, { settings: given }));
            if (!result.ok) expect(shown(result)).not.toContain('s3cret-v4lue');
          }
        },
      ),
    );
  });

  /** Values that are no secret and right stand in the configuration as they are. */
  function isShown(name: string): boolean {
    return ALL_NAMES.some((setting) => !setting.secret && environmentName(setting.name) === name);
  }
});

function shown(value: unknown): string {
  return `${JSON.stringify(value)}${inspect(value, { depth: 20, showHidden: true })}${String(value)}`;
}
