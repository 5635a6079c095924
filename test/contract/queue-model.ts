import fc from 'fast-check';
import { expect } from 'vitest';
import type { QueueDelivery } from '../../shared/ports.ts';
import type { QueueSubject } from './queue.ts';

type Entry = { id: string; order: number; visibleAtMs: number; attempts: number; delivery: number };

type Model = {
  nowMs: number;
  maxAttempts: number;
  /** Also numbers messages and deliveries. */
  count: number;
  waiting: Entry[];
  dead: string[];
  /** Every delivery ever made, in order. */
  deliveries: { entry: Entry; delivery: number }[];
};

/** Every delivery ever made, in the same order as the model's. */
type Real = { subject: QueueSubject; held: QueueDelivery[] };

type Command = fc.AsyncCommand<Model, Real>;

export function startQueueModel(maxAttempts: number): Model {
  return { nowMs: 0, maxAttempts, count: 0, waiting: [], dead: [], deliveries: [] };
}

function command(text: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return { check: () => true, run, toString: () => text };
}

function send(delayMs: number): Command {
  return command(`send(${delayMs})`, async (model, { subject }) => {
    model.count += 1;
    const id = `n${model.count}`;
    model.waiting.push({ id, order: model.count, visibleAtMs: model.nowMs + delayMs, attempts: 0, delivery: 0 });
    await subject.queue.send({ v: 1, incidentId: id }, { delayMs });
  });
}

function receive(max: number, visibilityMs: number): Command {
  return command(`receive(${max}, ${visibilityMs})`, async (model, real) => {
    const expected = takeFromModel(model, max, visibilityMs);
    const got = await real.subject.queue.receive({ max, visibilityMs });
    expect(got.map(({ message, attempts }) => [message.incidentId, attempts])).toEqual(
      expected.map(({ id, attempts }) => [id, attempts]),
    );
    real.held.push(...got);
  });
}

function takeFromModel(model: Model, max: number, visibilityMs: number): Entry[] {
  const taken: Entry[] = [];
  const visible = model.waiting.filter((entry) => entry.visibleAtMs <= model.nowMs);
  for (const entry of visible.sort((a, b) => a.visibleAtMs - b.visibleAtMs || a.order - b.order)) {
    if (taken.length === max) break;
    if (entry.attempts === model.maxAttempts) {
      bury(model, entry);
      continue;
    }
    model.count += 1;
    entry.attempts += 1;
    entry.visibleAtMs = model.nowMs + visibilityMs;
    entry.delivery = model.count;
    model.deliveries.push({ entry, delivery: model.count });
    taken.push(entry);
  }
  return taken;
}

function bury(model: Model, entry: Entry): void {
  forget(model, entry);
  model.dead.push(entry.id);
}

function forget(model: Model, entry: Entry): void {
  model.waiting = model.waiting.filter((other) => other !== entry);
}

/** Settles one of all deliveries so far; most are late, and those must change nothing. */
function settle(how: 'ack' | 'retry' | 'bury', pick: number, delayMs: number): Command {
  return command(`${how}(${pick}, ${delayMs})`, async (model, real) => {
    const index = real.held.length - 1 - (pick % Math.max(1, real.held.length));
    const [delivery, known] = [real.held[index], model.deliveries[index]];
    if (delivery === undefined || known === undefined) return;
    const { entry } = known;
    const current = model.waiting.includes(entry) && entry.delivery === known.delivery;
    if (how === 'ack') await delivery.ack();
    if (how === 'retry') await delivery.retry(delayMs);
    if (how === 'bury') await delivery.bury('the history says so');
    if (!current) return;
    if (how === 'ack') forget(model, entry);
    if (how === 'retry') Object.assign(entry, { visibleAtMs: model.nowMs + delayMs, delivery: 0 });
    if (how === 'bury') bury(model, entry);
  });
}

function advance(ms: number): Command {
  return command(`advance(${ms})`, async (model, { subject }) => {
    model.nowMs += ms;
    await subject.advance(ms);
  });
}

function compare(): Command {
  return command('compare', async (model, { subject }) => {
    expect(await subject.queue.depth()).toEqual({ waiting: model.waiting.length, dead: model.dead.length });
    expect((await subject.queue.dead(1_000)).map(({ message }) => message.incidentId)).toEqual(model.dead);
  });
}

/** Histories in which delays and visibilities of a few milliseconds meet. */
export function queueCommands(): fc.Arbitrary<Iterable<Command>> {
  const ms = fc.integer({ min: 0, max: 4 });
  return fc.commands(
    [
      ms.map(send),
      ms.map(send),
      fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 })).map((given) => receive(...given)),
      fc.tuple(fc.integer({ min: 1, max: 32 }), fc.integer({ min: 1, max: 4 })).map((given) => receive(...given)),
      fc
        .tuple(fc.constantFrom('ack', 'retry', 'bury'), fc.nat({ max: 6 }), ms)
        .map(([how, pick, delayMs]) => settle(how, pick, delayMs)),
      fc.integer({ min: 1, max: 4 }).map(advance),
      fc.constant(compare()),
    ],
    { maxCommands: 60 },
  );
}
