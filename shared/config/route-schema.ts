import * as z from 'zod/mini';
import { isTimeZone } from './time-zone.ts';

const CLOCK_TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

/** Some words of a person. */
export const text = () => z.string().check(z.minLength(1), z.maxLength(512));

export const timeZone = () => z.string().check(z.refine(isTimeZone, 'must be an IANA time zone, as Europe/Paris'));

const clockTime = () => z.string().check(z.regex(CLOCK_TIME, 'must be a time of day, as 22:00'));
export const hours = () =>
  z
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

/** Letters and digits of any script, and what stands between the words of a name: nothing that a card's Markdown would read. */
const SHOWN_NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M} .,'’-]{0,62}[\p{L}\p{N}\p{M}.])?$/u;
const TEAMS_PERSON =
  /^(?:29:[\w-]{1,200}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[\w.'+-]{1,64}@[\w-]+(?:\.[\w-]+){1,10})$/;

const id = (pattern: RegExp, words: string) => z.string().check(z.regex(pattern, `must be ${words}`));

/** Who is called, on Slack or on Teams; which of them the destination is, `destinations.ts` looks at. */
const mention = () =>
  z.union(
    [
      z.enum(['here', 'channel', 'none']),
      z.strictObject({ user: id(/^[UW][A-Z0-9]{1,40}$/, "a person's id on Slack, as U0123ABCD") }),
      z.strictObject({ userGroup: id(/^S[A-Z0-9]{1,40}$/, "a user group's id on Slack, as S0123ABCD") }),
      z.strictObject({
        id: id(
          TEAMS_PERSON,
          'an Entra object id, an address (dana@contoso.com) or the id that Teams gives the bot (29:…)',
        ),
        name: id(SHOWN_NAME, 'a name of letters, digits, spaces, dots, commas, dashes and apostrophes, at most 64'),
      }),
    ],
    {
      error:
        'must be here, channel or none, { "user": "U…" } or { "userGroup": "S…" } of Slack, or { "id": …, "name": … } of Teams',
    },
  );

const stop = () =>
  z.strictObject({
    destination: text(),
    privacy: z.exactOptional(z.enum(PRIVACY).check(z.describe("What it may show; the route's own when absent."))),
    mention: z.exactOptional(
      mention().check(
        z.describe('Whom it calls where people are mentioned: here on Slack and nobody on Teams when absent.'),
      ),
    ),
  });

/** Where incidents go: one row of `routes`. */
export const route = () =>
  z.strictObject({
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
        hours: z.exactOptional(hours().check(z.describe('Whether it opened in these hours.'))),
      }),
    ),
    to: z
      .array(
        z.union([text(), stop()], {
          error: 'must be a destination, or one with its own: { "destination": …, "privacy": …, "mention": … }',
        }),
      )
      .check(
        z.describe(
          'Destinations: slack-bot:C123, a kind as slack-bot, or *, each with a privacy and a mention of its own where wanted. Empty: nowhere, on purpose.',
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
