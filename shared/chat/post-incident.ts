import type { Field, LedgerEntry, Message, Note, Privacy, Time } from '../model.ts';
import { effectWords, inOrderOfUse } from './effect.ts';
import { leadingFinding, nameOf } from './lead.ts';
import { buildMessage } from './message.ts';
import { carriedOutOf, outcomeWords } from './plans.ts';
import { type Kept, summaryOf } from './post-incident-summary.ts';
import { createMask, type Mask } from './privacy.ts';
import { eventsOf, inOrder } from './timeline.ts';
import { asSentence, capitalise, kindWords } from './words.ts';

/** What a person did, as the audit trail has it. */
export type Deed = { at: Time; name: string; action: string; detail?: string; outcome: string; reason?: string };

/** An incident looked back on: everything that a post-incident review asks for, as plain text. */
export type PostIncident = {
  title: string;
  /** Duration, cause, requests refused, who was hurt, what was done. */
  summary: Field[];
  /** What its message says. */
  message: Message;
  victims: string[];
  fixes: { cause: string; title: string; effect: string }[];
  /** What was carried out, with what was predicted of it beside what came of it. */
  outcomes: { what: string; predicted: string; happened: string }[];
  timeline: Message['timeline'];
  deeds: { at: Time; who: string; what: string }[];
  /** What could not be read, and what is not settled. */
  questions: Note[];
  /** What is to be done, most useful first. */
  nextSteps: string[];
};

const VICTIMS_MAX = 40;
const EVENTS_MAX = 200;
const DEEDS_MAX = 100;
const FIXES_MAX = 20;

/** Says the incident as a review reads it; people, addresses and secret names as `privacy` allows. */
export function lookBack(record: Kept, deeds: readonly Deed[], privacy: Privacy): PostIncident {
  const mask = createMask(record, privacy, false);
  const findings = record.findings.filter(({ verdict }) => verdict === 'confirmed' || verdict === 'likely');
  const victims = findings.flatMap((finding) => finding.victims.map((victim) => mask.caller(victim)));
  const done = deeds.slice(0, DEEDS_MAX).map((deed) => deedOf(deed, mask));
  return {
    title: `${record.lifecycle.state === 'open' ? 'Incident' : 'Post-incident report'}: ${nameOf(record, mask)}`,
    summary: summaryOf(record, done.length, mask),
    message: buildMessage(record, { privacy }),
    victims: [...new Set(victims)].slice(0, VICTIMS_MAX),
    fixes: findings
      .flatMap((finding) =>
        inOrderOfUse(finding.fixes).map((fix) => ({
          cause: kindWords(mask.text(finding.kind, 40)),
          title: mask.text(fix.title),
          effect: effectWords(fix) ?? 'no effect could be predicted',
        })),
      )
      .slice(0, FIXES_MAX),
    outcomes: outcomesOf(record, mask),
    timeline: inOrder([...eventsOf(record, mask), ...stepsOf(record.ledger, mask)]).slice(0, EVENTS_MAX),
    deeds: done,
    questions: questionsOf(record, mask),
    nextSteps: nextStepsOf(record, mask),
  };
}

function outcomesOf(record: Kept, mask: Mask): PostIncident['outcomes'] {
  return carriedOutOf(record).map((plan) => ({
    what: `${mask.text(plan.title, 100)} (${plan.id})`,
    predicted: effectWords(plan) ?? 'no effect could be predicted',
    happened: outcomeWords(plan, record, mask),
  }));
}

const DEEDS: Readonly<Record<string, string>> = {
  ack: 'acknowledged it',
  assign: 'assigned it',
  silence: 'silenced it',
  resolve: 'said that it is over',
  replay: 'had it read anew',
  approve: 'approved',
  reject: 'rejected',
  undo: 'asked to undo',
  plan: 'offered',
  expire: 'ended the offer of',
  run: 'began',
  did: 'did',
  undid: 'undid',
  fail: 'failed at',
  verify: 'looked whether it worked:',
};

const OUTCOMES: Readonly<Record<string, string>> = {
  unchanged: ', which changed nothing',
  refused: ', which was refused',
  failed: ', which failed',
  begun: ', and how it went is not known',
};

function deedOf({ at, name, action, detail, outcome, reason }: Deed, mask: Mask): PostIncident['deeds'][number] {
  const what = DEEDS[action] ?? mask.text(action, 60);
  const more = detail === undefined ? '' : ` (${mask.text(detail, 80)})`;
  const why = reason === undefined ? '' : `: ${mask.text(reason, 120)}`;
  return { at, who: mask.person(name) ?? 'a person', what: `${what}${more}${OUTCOMES[outcome] ?? ''}${why}` };
}

const STEPS: Partial<Record<LedgerEntry['step'], string>> = {
  received: 'Headroom heard of it',
  posted: 'first posted to',
  diagnosed: 'evidence read',
  reopened: 'opened again',
  unsilenced: 'silence ended',
  failed: 'failed for good',
};

/** How Headroom itself fared: each step but edits, which say nothing by themselves. */
function stepsOf(ledger: readonly LedgerEntry[], mask: Mask): Message['timeline'] {
  return ledger.flatMap(({ at, step, note }) => {
    const words = STEPS[step];
    if (words === undefined) return [];
    const says = note === undefined || step === 'received' ? '' : ` ${mask.text(note, 120)}`;
    return [{ at, text: `${words}${says}` }];
  });
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

function questionsOf(record: Kept, mask: Mask): Note[] {
  const open = record.findings.filter(({ verdict }) => verdict === 'inconclusive');
  const unsettled = open.map(
    (finding): Note => ({
      text: `Was it ${kindWords(mask.text(finding.kind, 40))}? ${sentence(asSentence(mask.text(finding.summary, 300)))} What was read does not settle it.`,
    }),
  );
  const nameless = leadingFinding(record) ? [] : [{ text: 'What caused it? Nothing that was read tells.' }];
  return [...nameless, ...unsettled, ...record.notes.map(({ text }) => ({ text: mask.text(text, 400) }))];
}

/** The first fix of each cause, then what the notes advise. */
function nextStepsOf(record: Kept, mask: Mask): string[] {
  const causes = record.findings.filter(({ verdict }) => verdict === 'confirmed' || verdict === 'likely');
  const fixes = causes.flatMap(({ caller, fixes: [...offered] }) => {
    const [fix] = inOrderOfUse(offered);
    if (!fix) return [];
    const owner = caller?.owner === undefined ? undefined : mask.person(caller.owner);
    const effect = effectWords(fix);
    const who = owner === undefined ? '' : ` (${mask.text(owner, 60)})`;
    return [`${mask.text(fix.title)}${who}${effect === undefined ? '' : `: ${effect}`}`];
  });
  const advised = record.notes.flatMap(({ nextStep }) =>
    nextStep === undefined ? [] : [capitalise(mask.text(nextStep, 400))],
  );
  const unverified = causes.some(({ verdict }) => verdict === 'likely')
    ? ['Confirm the cause: it is likely, not confirmed']
    : [];
  return [...new Set([...fixes, ...unverified, ...advised])];
}
