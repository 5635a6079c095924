import type { Answered } from './faulty-server.ts';

/** The workspace that the simulated app is installed in. */
export const TEAM = 'T0SIMULATED';

/** @see https://docs.slack.dev/interactivity/handling-user-interaction: a trigger lives 3 s, an address for answers 30 min and five uses */
const TRIGGER_MS = 3_000;
const HOOK_MS = 30 * 60_000;
const HOOK_USES = 5;

export type OpenedView = { id: string; triggerId: string; view: Record<string, unknown> };

export type SlackDeskServer = {
  /** What was said to one person alone, in order. */
  whispers: { hook: string; body: Record<string, unknown> }[];
  /** Modals that are open. */
  views: OpenedView[];
  /** What was refused to answers and modals, by Slack's own codes. */
  refused: string[];
  /** A trigger as one press makes it. */
  newTrigger(): string;
  /** An address for answers, as one press or command makes it. */
  newHook(kind: 'actions' | 'commands'): string;
};

type Hook = { bornMs: number; uses: number };

const HOOK_PATH = /^\/(?:actions|commands)\/T0SIMULATED\/\d+\/simulated$/;

export function isHookPath(path: string): boolean {
  return HOOK_PATH.test(path);
}

/** Modals and private answers, with Slack's own limits of time and number. `refusal` judges blocks. */
export function createDesk(now: () => number, refusal: (fields: Record<string, unknown>) => string | undefined) {
  const triggers = new Map<string, number>();
  const hooks = new Map<string, Hook>();
  const whispers: SlackDeskServer['whispers'] = [];
  const views: OpenedView[] = [];
  const refused: string[] = [];
  let counter = 0;

  function refuse(status: number, code: string): Answered {
    refused.push(code);
    return { status, headers: { 'content-type': 'text/html' }, body: code };
  }

  return {
    hear(path: string, body: Record<string, unknown> | undefined): Answered {
      const hook = hooks.get(path);
      if (!hook) return refuse(404, 'invalid_url');
      if (now() - hook.bornMs > HOOK_MS) return refuse(404, 'expired_url');
      if (hook.uses >= HOOK_USES) return refuse(404, 'used_url');
      if (!body) return refuse(400, 'invalid_payload');
      const problem = refusal(body);
      if (problem !== undefined) return refuse(400, problem);
      hook.uses += 1;
      whispers.push({ hook: path, body });
      return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"ok":true}' };
    },
    open(fields: Record<string, unknown>): Record<string, unknown> {
      const triggerId = String(fields['trigger_id'] ?? '');
      const bornMs = triggers.get(triggerId);
      const view: unknown = typeof fields['view'] === 'string' ? JSON.parse(fields['view']) : fields['view'];
      const code = problemOf(view, bornMs === undefined ? undefined : now() - bornMs);
      if (code !== undefined) {
        refused.push(code);
        return { ok: false, error: code };
      }
      triggers.delete(triggerId);
      counter += 1;
      const id = `V${counter}`;
      views.push({ id, triggerId, view: isRecord(view) ? view : {} });
      return { ok: true, view: { id } };
    },
    of(origin: string): SlackDeskServer {
      return {
        whispers,
        views,
        refused,
        newTrigger() {
          counter += 1;
          const trigger = `${counter}.trigger`;
          triggers.set(trigger, now());
          return trigger;
        },
        newHook(kind) {
          counter += 1;
          const path = `/${kind}/${TEAM}/${counter}/simulated`;
          hooks.set(path, { bornMs: now(), uses: 0 });
          return origin + path;
        },
      };
    },
  };
}

/** The code with which `views.open` refuses; undefined when it opens. @param ageMs of the trigger; undefined for one that is none */
function problemOf(view: unknown, ageMs: number | undefined): string | undefined {
  if (ageMs === undefined) return 'invalid_trigger_id';
  if (ageMs > TRIGGER_MS) return 'expired_trigger_id';
  if (!isRecord(view) || view['type'] !== 'modal' || !Array.isArray(view['blocks'])) return 'invalid_arguments';
  const title = isRecord(view['title']) ? String(view['title']['text'] ?? '') : '';
  if (title === '' || title.length > 24) return 'invalid_arguments';
  return String(view['private_metadata'] ?? '').length > 3000 || view['blocks'].length > 100
    ? 'invalid_arguments'
    : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
