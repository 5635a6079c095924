import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ALL_NAMES } from '../../shared/config/names.ts';
import { environmentName } from '../../shared/config/setting.ts';
import { readSettings } from '../../shared/config/settings.ts';
import { settingsSchema } from '../../shared/config/settings-schema.ts';
import { readConfig } from '../../shared/config.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');

/** Rows of the tables of names: `| `HEADROOM_X` **S** | meaning | `default` |`. */
function documented(): { name: string; secret: boolean; fallback: string }[] {
  return [...PAGE.matchAll(/^\| `(HEADROOM_\w+)`( \*\*S\*\*)? \|[^|]*\|(?: (?:`([^`]*)` )?\|)?$/gm)].map(
    ([, name = '', secret, fallback = '']) => ({ name, secret: secret !== undefined, fallback }),
  );
}

function blocks(language: string): string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);
}

describe('docs/configuration.md', () => {
  test('documents every name, in order, with its default and whether it is a secret, and no other', () => {
    const known = ALL_NAMES.map((setting) => ({
      name: environmentName(setting.name),
      secret: setting.secret,
      fallback: 'fallback' in setting ? setting.fallback : '',
    }));
    expect(documented()).toEqual(known);
  });

  test('speaks of no name that does not exist', () => {
    const known = new Set(ALL_NAMES.map((setting) => environmentName(setting.name)));
    expect([...PAGE.matchAll(/\bHEADROOM_[A-Z0-9_]+\b/g)].filter(([name]) => !known.has(name))).toEqual([]);
  });

  test('shows environments that are right', () => {
    const examples = blocks('sh');
    expect(examples).toHaveLength(4);
    for (const example of examples) {
      const lines = example.trim().split('\n');
      const environment = Object.fromEntries(
        lines.map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]),
      );
      expect(readConfig({ environment, settings: {}, appConfiguration: {}, cloud: 'local' })).toMatchObject({
        ok: true,
      });
    }
  });

  test('shows a settings file that is right and has every key', () => {
    const [example = '', ...more] = blocks('json');
    expect(more).toEqual([]);
    expect(readSettings(example)).toMatchObject({ ok: true });
    expect(Object.keys(JSON.parse(example)).sort()).toEqual(Object.keys(settingsSchema().def.shape).sort());
  });
});
