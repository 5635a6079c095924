import { describe, expect, test } from 'vitest';
import { askUndo } from '../../../shared/actions/word.ts';
import { closeByPerson } from '../../../shared/incidents/accept.ts';
import { silence, unsilence } from '../../../shared/incidents/marks.ts';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import { updateIncident } from '../../../shared/pipeline/incidents.ts';
import { updatePlan } from '../../../shared/pipeline/plans.ts';
import { settingsOf } from '../commands/kit.ts';
import { type ActionWorld, ALEX, actionWorld, fakePlane, KIM, SETTINGS } from './action-kit.ts';
import { vaultId } from './kit.ts';

const ALERT =
  '/subscriptions/00000000-0000-0000-0000-000000000000/providers/microsoft.alertsmanagement/alerts/9d0b4b3a-1111-4111-8111-000000000001';
const ALARM = 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:sts throttled';
const EVERYBODY = settingsOf({
  ...JSON.parse(JSON.stringify(SETTINGS)),
  approvers: [{ people: [ALEX.id, KIM.id], actions: ['*'] }],
  resources: { [vaultId('kv-contoso')]: { project: 'contoso/runbooks' } },
});

async function change(w: ActionWorld, apply: (record: IncidentRecord) => IncidentRecord): Promise<void> {
  await updateIncident(w.world.deps, w.id, (record) => record && apply(record));
  await w.world.deps.queue.send({ v: 1, incidentId: w.id });
  await w.workOff();
}

const referTo = (reference: string) => (record: IncidentRecord) => ({
  ...record,
  rules: Object.fromEntries(Object.entries(record.rules).map(([key, rule]) => [key, { ...rule, reference }])),
});

const resolved = (w: ActionWorld) => (record: IncidentRecord) =>
  closeByPerson(record, new Date(w.world.clock.now()).toISOString(), ALEX.id);

describe('an issue with the post-incident summary', () => {
  test('is offered once the incident is over, opened once, and stays', async () => {
    const issues = fakePlane('issue');
    const w = await actionWorld({ actions: [], planes: [issues], settings: EVERYBODY });
    expect(await w.plans()).toEqual([]);
    await change(w, resolved(w));
    expect(await w.view()).toMatchObject({ action: 'issue', diff: 'no issue -> one in contoso/runbooks' });
    expect(w.text()).toContain('Open an issue about kv-contoso in contoso/runbooks');
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.workOff();
    expect(issues.writes).toMatchObject([
      { key: `contoso/runbooks#${w.id}`, value: { title: 'Post-incident report: kv-contoso' } },
    ]);
    expect(JSON.stringify(issues.writes)).toContain('## Timeline');
    expect(await w.view()).toMatchObject({ state: 'done' });
    expect((await w.view())?.lookAt).toBe(undefined);
    expect((await w.say(ALEX, `undo ${w.id}-1`))[0]).toContain('cannot be undone');
    await w.say(ALEX, `actions ${w.id}`);
    expect((await w.plans()).length).toBe(1);
  });

  test('is not offered where one stands already, or no project is known', async () => {
    const issues = fakePlane('issue');
    const w = await actionWorld({ actions: [], planes: [issues], settings: EVERYBODY });
    issues.values.set(`contoso/runbooks#${w.id}`, { number: 7 });
    await change(w, resolved(w));
    expect(await w.plans()).toEqual([]);
    const another = await actionWorld({ actions: [], planes: [fakePlane('issue')] });
    await change(another, resolved(another));
    expect(await another.plans()).toEqual([]);
  });
});

describe('the alert in Azure Alerts Management', () => {
  test('is closed once the incident is over, and opened again by undo', async () => {
    const alerts = fakePlane('alert');
    alerts.values.set(ALERT, 'New');
    const w = await actionWorld({ actions: [], planes: [alerts], settings: EVERYBODY });
    await change(w, referTo(ALERT.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions')));
    await change(w, resolved(w));
    expect(await w.view()).toMatchObject({ action: 'close-alert', diff: 'its state: New -> Closed' });
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.workOff();
    expect(alerts.values.get(ALERT)).toBe('Closed');
    await w.say(KIM, `undo ${w.id}-1`);
    await w.workOff();
    expect(alerts.values.get(ALERT)).toBe('New');
  });

  test('is opened again also where the process that took the word ended before it was seen', async () => {
    const alerts = fakePlane('alert');
    alerts.values.set(ALERT, 'New');
    const w = await actionWorld({ actions: [], planes: [alerts], settings: EVERYBODY });
    await change(w, referTo(ALERT));
    await change(w, resolved(w));
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.workOff();
    expect((await w.view())?.lookAt).toBe(undefined);
    await updatePlan(w.world.deps, `${w.id}-1`, (plan) => {
      const said = askUndo(plan, KIM, new Date(w.world.clock.now()).toISOString());
      return said.ok ? said.plan : plan;
    });
    await w.pass(3);
    expect(alerts.values.get(ALERT)).toBe('New');
  });

  test('is left alone where somebody has closed it already', async () => {
    const alerts = fakePlane('alert');
    alerts.values.set(ALERT, 'Closed');
    const w = await actionWorld({ actions: [], planes: [alerts], settings: EVERYBODY });
    await change(w, referTo(ALERT));
    await change(w, resolved(w));
    expect(await w.plans()).toEqual([]);
  });
});

describe('a silence', () => {
  const UNTIL = '2026-11-20T16:00:00.000Z';

  test('is offered to be kept in Azure Monitor as well, by two people, and ends with it', async () => {
    const rules = fakePlane('processing-rule');
    const w = await actionWorld({ actions: [], planes: [rules], settings: EVERYBODY });
    expect(await w.plans()).toEqual([]);
    await change(w, (record) => silence(record, UNTIL));
    expect(await w.plan()).toMatchObject({ action: 'processing-rule', risk: 'high' });
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.say(KIM, `approve ${w.id}-1`);
    await w.workOff();
    expect(rules.writes).toEqual([
      {
        key: `${vaultId('kv-contoso').split('/providers')[0]}/providers/microsoft.alertsmanagement/actionrules/headroom-${w.id}`,
        value: { scope: vaultId('kv-contoso'), from: '2026-11-20T14:00:00.000Z', until: UNTIL, incident: w.id },
      },
    ]);
    await change(w, (record) => unsilence(record, '2026-11-20T14:30:00.000Z'));
    await w.say(ALEX, `undo ${w.id}-1`);
    await w.workOff();
    expect(rules.values.size).toBe(0);
  });

  test('is offered to mute the CloudWatch alarms as well, from the next minute to its end', async () => {
    const mutes = fakePlane('mute-rule');
    const w = await actionWorld({ actions: [], planes: [mutes], settings: EVERYBODY });
    await change(w, referTo(ALARM));
    await change(w, (record) => silence(record, UNTIL));
    expect(await w.view()).toMatchObject({ diff: `no mute rule -> sts throttled muted until ${UNTIL}` });
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.workOff();
    const value = { alarms: ['sts throttled'], from: '2026-11-20T14:01:00.000Z', minutes: 119 };
    expect(mutes.writes).toEqual([{ key: `headroom-${w.id}`, value }]);
  });

  test('that has ended takes its offer with it', async () => {
    const mutes = fakePlane('mute-rule');
    const w = await actionWorld({ actions: [], planes: [mutes], settings: EVERYBODY });
    await change(w, referTo(ALARM));
    await change(w, (record) => silence(record, UNTIL));
    await change(w, (record) => unsilence(record, '2026-11-20T14:30:00.000Z'));
    expect((await w.plan()).phase).toMatchObject({ state: 'expired' });
  });
});
