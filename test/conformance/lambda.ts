/** The built lambdas on AWS's own runtime client, event by event, as an execution environment runs them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Built, buildOutsideTree } from '../infra/built.ts';
import { functionUrlEvent, SCHEDULE_EVENT, sqsEvent, withIamCaller } from '../lambdas/events.ts';
import type { InvocationResult } from '../lambdas/runtime-api.ts';
import { ALERT_TOKEN, startTrial, type Trial } from '../trial.ts';
import { type LambdaProcess, startLambda } from './lambda-process.ts';
import type { Report } from './report.ts';
import { installRuntimeClient } from './runtime-client.ts';

const CALLER = { authorization: `Bearer ${ALERT_TOKEN}` };

/** A message to a webhook may have to wait for the one before it. */
const TURN_MS = 20_000;
const LOOK_EVERY_MS = 200;

export const lambdaStage = { title: 'Lambdas on aws-lambda-ric', run };

type Start = (entry: string, environment?: Record<string, string>) => Promise<LambdaProcess>;

async function run(report: Report): Promise<void> {
  const client = installRuntimeClient((line) => process.stdout.write(`${line}\n`));
  const built = await buildOutsideTree();
  const trial = await startTrial();
  const running: LambdaProcess[] = [];
  const start: Start = async (entry, environment = {}) => {
    const folder = dirname(built.lambda(entry));
    const lambda = await startLambda(client, `headroom-${entry}`, folder, { ...trial.environment, ...environment });
    running.push(lambda);
    return lambda;
  };
  try {
    await checkFlow(report, start, trial);
    await checkFailures(report, start, built);
  } finally {
    await Promise.all(running.map((lambda) => lambda.stop()));
    await trial.remove();
    built.remove();
  }
}

/** One incident from its alarm to its message, through all four lambdas. */
async function checkFlow(report: Report, start: Start, trial: Trial): Promise<void> {
  const receive = await start('receive');
  let incident = '';
  for (const [what, file] of [
    ["an alarm's direct action", 'lambda-metric'],
    ['an EventBridge event', 'eventbridge-metric'],
    ['an SNS event', 'sns-metric'],
  ])
    await report.check(`receive: ${what} opens or joins the one incident`, async () => {
      const { incidents } = fields(value(await receive.invoke(fixture(`cloudwatch/${file}.json`))));
      assert.ok(Array.isArray(incidents));
      assert.match(String(incidents[0]), /^[a-z2-7]{8}$/);
      if (incident === '') incident = String(incidents[0]);
      assert.deepEqual(incidents, [incident]);
    });

  await report.check('receive: a function URL request is answered 202, without the token 401', async () => {
    const body = JSON.stringify(fixture('azure/metric-static-kv429-fired.json'));
    const known = functionUrlEvent('POST', '/api/alerts/azure', { body, headers: CALLER });
    assert.equal(fields(value(await receive.invoke(known)))['statusCode'], 202);
    const unknown = functionUrlEvent('POST', '/api/alerts/azure', { body });
    assert.equal(fields(value(await receive.invoke(unknown)))['statusCode'], 401);
  });

  await report.check('receive: a payload of another product is kept, and is no error to Lambda', async () => {
    assert.equal(fields(value(await receive.invoke({ hello: 'world' })))['ok'], false);
  });

  const work = await start('work');
  await report.check('work: a batch is handled, and only the message that no waiting mends is named', async () => {
    const messages = await trial.takeMessages();
    assert.equal(messages.length, 4);
    const batch = [...messages, '{"v":1}'].map((body, index) => ({ id: `message-${index}`, body }));
    assert.deepEqual(value(await work.invoke(sqsEvent(batch))), {
      batchItemFailures: [{ itemIdentifier: 'message-4' }],
    });
  });

  await report.check(
    'work: each of the two incidents stands in Slack once, the second when its turn has come',
    async () => {
      const endsAtMs = performance.now() + TURN_MS;
      while (trial.slack.messages.length < 2 && performance.now() < endsAtMs) {
        await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
        const due = (await trial.takeMessages()).map((body, index) => ({ id: `due-${index}`, body }));
        if (due.length > 0) await work.invoke(sqsEvent(due));
      }
      assert.equal(trial.slack.messages.length, 2);
      assert.ok(trial.slack.messages.some((message) => JSON.stringify(message).includes('example-fn')));
    },
  );

  const watch = await start('watch');
  await report.check('watch: a schedule event is answered with a report', async () => {
    const report = fields(value(await watch.invoke(SCHEDULE_EVENT)));
    const { failed, ...counts } = report;
    assert.deepEqual(failed, []);
    assert.ok(Object.values(counts).every((count) => typeof count === 'number'));
  });

  const read = await start('read');
  await report.check('read: health is open, incidents are shown to IAM callers alone', async () => {
    const health = fields(value(await read.invoke(functionUrlEvent('GET', '/api/health'))));
    assert.deepEqual([health['statusCode'], health['body']], [200, '{"status":"ok"}']);
    const list = functionUrlEvent('GET', '/api/incidents');
    assert.equal(fields(value(await read.invoke(list)))['statusCode'], 401);
    const signed = withIamCaller(list, 'arn:aws:iam::111122223333:role/on-call');
    assert.match(String(fields(value(await read.invoke(signed)))['body']), new RegExp(incident));
  });

  await report.check('each lambda writes one JSON object a line', () => {
    for (const lambda of [receive, work, watch, read])
      for (const line of lambda.output().split('\n')) if (line !== '') assert.equal(typeof JSON.parse(line), 'object');
  });

  process.stdout.write(
    `        start to first event: ${[receive, read, work, watch].map((lambda) => `${Math.round(lambda.startMs)} ms`).join(', ')} (receive, read, work, watch)\n`,
  );
}

/** What goes wrong reaches Lambda as an error where it should try again, and the process lives on. */
async function checkFailures(report: Report, start: Start, built: Built): Promise<void> {
  const alarm = fixture('cloudwatch/lambda-metric.json');

  await report.check(
    'receive, misconfigured: 503 by function URL, an error for an alarm, and the process stays up',
    async () => {
      const receive = await start('receive', { HEADROOM_RECORDS: 'nonsense' });
      const failed = await receive.invoke(alarm);
      assert.equal(failed.ok, false);
      assert.equal(failed.ok ? '' : failed.error.errorType, 'HeadroomError');
      const request = functionUrlEvent('POST', '/api/alerts/azure', { body: '{}', headers: CALLER });
      assert.equal(fields(value(await receive.invoke(request)))['statusCode'], 503);
      assert.equal(receive.output().split('HEADROOM_RECORDS').length, 2);
    },
  );

  await report.check('receive, store down: an error for an alarm, so that Lambda tries again', async () => {
    const receive = await start('receive', { HEADROOM_HOME: built.lambda('receive') });
    assert.equal((await receive.invoke(alarm)).ok, false);
  });

  await report.check('work, misconfigured: the whole batch fails, so that SQS keeps it', async () => {
    const work = await start('work', { HEADROOM_QUEUE: 'nonsense' });
    assert.equal((await work.invoke(sqsEvent([{ id: 'a', body: '{}' }]))).ok, false);
  });
}

function fixture(path: string): unknown {
  return JSON.parse(readFileSync(resolve(import.meta.dirname, '../fixtures', path), 'utf8'));
}

function value(result: InvocationResult): unknown {
  if (result.ok) return result.value;
  throw new Error(`the function failed: ${result.error.errorType}: ${result.error.errorMessage}`);
}

function fields(answer: unknown): Record<string, unknown> {
  assert.ok(typeof answer === 'object' && answer !== null, 'the answer is no object');
  return { ...answer };
}
