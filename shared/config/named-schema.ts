/** What the settings say of what they name by an id: resources, callers, objectives. */
import * as z from 'zod/mini';
import { text } from './route-schema.ts';

const GUID = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

export const guid = () => z.string().check(z.regex(GUID, 'must be a GUID'));

export const slo = () =>
  z.strictObject({
    resource: text().check(z.describe('Resource id.')),
    target: z.number().check(z.gt(0), z.lt(1), z.describe('Share of requests that are served: 0.999.')),
    windowDays: z._default(z.int().check(z.gte(1), z.lte(90)), 30),
  });

export const resource = () =>
  z.strictObject({
    displayName: z.exactOptional(text()),
    owner: z.exactOptional(text().check(z.describe('Team or person, as messages show it.'))),
    workspaceId: z.exactOptional(guid().check(z.describe('Log Analytics workspace with the logs of this resource.'))),
    logGroups: z.exactOptional(z.array(text()).check(z.minLength(1), z.maxLength(50))),
    project: z.exactOptional(text().check(z.describe('GitLab or GitHub project for issues.'))),
  });

/** As `createSecrets` takes it. */
const APPLICATION = /^[\w.-]{1,100}$/;

export const alias = () =>
  z.strictObject({
    displayName: text(),
    owner: z.exactOptional(text()),
    app: z.exactOptional(
      z
        .string()
        .check(
          z.regex(APPLICATION, 'must be 1 to 100 letters, digits, dots, underscores or dashes'),
          z.describe('Its `app` in headroom/secrets, whose levers it obeys.'),
        ),
    ),
    fleetSize: z.exactOptional(
      z
        .int()
        .check(
          z.gte(1),
          z.lte(1_000_000),
          z.describe('Processes of that app, which share a rate; as many as the log shows addresses when absent.'),
        ),
    ),
  });
