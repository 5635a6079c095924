import * as z from 'zod/mini';
import { isTimeZone } from './time-zone.ts';

const CLOCK_TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

/** Some words of a person. */
export const text = () => z.string().check(z.minLength(1), z.maxLength(512));

export const timeZone = () => z.string().check(z.refine(isTimeZone, 'must be an IANA time zone, as Europe/Paris'));

const clockTime = () => z.string().check(z.regex(CLOCK_TIME, 'must be a time of day, as 22:00'));
export const hours = z
  .strictObject({
    from: clockTime().check(z.describe('First minute that counts, in timeZone.')),
    to: clockTime().check(z.describe('First minute that does not; earlier than from: the next day.')),
    days: z.exactOptional(
      z
        .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
        .check(z.minLength(1), z.describe('Days on which the hours begin; all when absent.')),
    ),
    timeZone: z.exactOptional(timeZone().check(z.describe('IANA time zone; that of the settings when absent.'))),
  })
  .check(z.refine(({ from, to }) => from !== to, { error: 'must differ from from', path: ['to'] }));

const PRIVACY = ['full', 'masked', 'minimal'] as const;

/** Where incidents go: one row of `routes`. */
export const route = z.strictObject({
  match: z.exactOptional(
    z.strictObject({
      family: z.exactOptional(text().check(z.describe('Signal family: throttle, availability, identity, …'))),
      resource: z.exactOptional(text().check(z.describe('Glob on the resource id: * any characters, ? any one.'))),
      scope: z.exactOptional(text().check(z.describe('Subscription or account id.'))),
      severityAtMost: z.exactOptional(
        z.literal([0, 1, 2, 3, 4]).check(z.describe('0 is the most severe: 2 lets 0, 1 and 2 through.')),
      ),
      team: z.exactOptional(text().check(z.describe("Value of the alert's custom property or label team."))),
      owner: z.exactOptional(
        text().check(z.describe('Owner of the resource, from resources, or the custom property or label owner.')),
      ),
      custom: z.exactOptional(
        z
          .record(z.string(), text())
          .check(z.describe('Globs on custom properties or labels of the alert, all of which must hold.')),
      ),
      hours: z.exactOptional(hours.check(z.describe('Whether it opened in these hours.'))),
    }),
  ),
  to: z
    .array(
      z.union([text(), z.strictObject({ destination: text(), privacy: z.enum(PRIVACY) })], {
        error: 'must be a destination, or one with its privacy: { "destination": …, "privacy": … }',
      }),
    )
    .check(
      z.describe(
        'Destinations: slack-bot:C123, a kind as slack-bot, or *, each with a privacy of its own where wanted. Empty: nowhere, on purpose.',
      ),
    ),
  privacy: z.exactOptional(z.enum(PRIVACY).check(z.describe('What the destinations may show; masked when absent.'))),
  quiet: z.exactOptional(
    z
      .enum(['unmentioned', 'held'])
      .check(
        z.describe('In quiet hours: posted, and no one mentioned (when absent), or held back until the hours end.'),
      ),
  ),
});
