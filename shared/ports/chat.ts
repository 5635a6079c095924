import type { Time } from '../model.ts';

/** A message rendered for one platform by `chat/<platform>/`: the adapter sends it as it is. */
export type Rendered = {
  incidentId: string;
  revision: number;
  /** Hash of `body`, by which a repeat of the same content is told. */
  hash: string;
  /** Block Kit payload, Adaptive Card, or terminal text. */
  body: unknown;
};

export type SendResult = {
  /** What `edit` needs later; null where nothing can be edited. */
  ref: string | null;
};

/**
 * One destination for incident messages.
 * Failures are `HeadroomError`s: `throttled` with `retryAfterMs`, `unavailable`, `timed-out`, `denied`, `invalid`;
 * `edit` also `not-found` when the message is gone.
 */
export interface ChatSender {
  /** Stable name of the destination, used as the effect's key: `slack-bot:C123`, `teams-workflow`, `terminal`. */
  key: string;
  platform: 'slack' | 'teams' | 'text';
  canEdit: boolean;
  post(rendered: Rendered, signal?: AbortSignal): Promise<SendResult>;
  /** Replaces what stands at `ref`. Only called when `canEdit`. */
  edit(ref: string, rendered: Rendered, signal?: AbortSignal): Promise<SendResult>;
  /** Answers below the message at `ref`, with what a thread renderer made; absent where there are no threads. */
  reply?(ref: string, body: unknown, signal?: AbortSignal): Promise<void>;
  /**
   * Asks the platform whether a post for this incident stands there (after a crash between sending and recording).
   * `cannot-ask` where the platform offers no way.
   */
  find(incidentId: string, since: Time, signal?: AbortSignal): Promise<{ ref: string } | 'absent' | 'cannot-ask'>;
  /** Whether it is reached, without posting; answers what that shows. Absent where its platform is asked otherwise. */
  probe?(signal?: AbortSignal): Promise<string>;
}

/** Answers people on Slack, beside the messages of incidents. Failures are `HeadroomError`s as those of `ChatSender`. */
export interface SlackDesk {
  /** Opens a modal for whoever pressed, within 1.5 s: a trigger lives for 3. */
  openView(triggerId: string, view: unknown): Promise<void>;
  /** Posts to an address for answers (`response_url`), which the caller has checked to be Slack's. */
  respond(url: string, body: unknown): Promise<void>;
  /** Id of the workspace that the app is installed in; null without a token to ask with. Remembered. */
  team(): Promise<string | null>;
  /** What the token may do, by Slack's names of scopes; null without a token. */
  scopes(): Promise<readonly string[] | null>;
  /** Whether the app is in the channel; `unknown` where it may not ask. */
  isIn(channel: string): Promise<'yes' | 'no' | 'unknown'>;
}

/** A conversation of a Teams bot, and the service that it is reached by, which Teams says and which was checked. */
export type TeamsPlace = { serviceUrl: string; conversationId: string };

/** Who is told something alone: by the id that Teams gives people for the bot (`29:…`), in the tenant of the installation. */
export type TeamsListener = { userId: string; tenantId: string };

/** Answers people on Teams, beside the messages of incidents. Failures are `HeadroomError`s as those of `ChatSender`. */
export interface TeamsDesk {
  /** Posts into a conversation; into a thread where the conversation's id names one. */
  say(place: TeamsPlace, body: unknown): Promise<void>;
  /**
   * Says something to one person of a conversation alone: there, where Teams shows it to nobody else, or else in the chat of
   * that person and the bot. `not-possible` where Teams refuses both; nothing was said then.
   */
  whisper(place: TeamsPlace, to: TeamsListener, body: unknown): Promise<'said' | 'not-possible'>;
  /** Who a person is by Teams: lower-cased tenant and role (`user`, `guest`, …), empty where it does not say. Remembered. */
  member(place: TeamsPlace, userId: string): Promise<{ tenantId: string; role: string }>;
  /** Rejects with what stands in the way of a token. */
  probe(): Promise<void>;
}

/** Draws pictures where a platform or a file wants no SVG. */
export interface Rasteriser {
  /**
   * The SVG as PNG, so many pixels wide (1..4096).
   *
   * @throws HeadroomError `configuration` where what draws is not installed, `invalid` for what is no SVG
   */
  png(svg: string, options: { widthPixels: number }): Promise<Uint8Array>;
}
