/**
 * Limits of an Adaptive Card that a Teams Workflows webhook posts.
 * @see https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook for 28 KB.
 * The webhook answers 202 also for a card that is refused afterwards, and cards above about 21 KB were seen to be.
 */
export const TEAMS_LIMITS = {
  /** What Teams documents for the whole message. */
  messageBytes: 28 * 1024,
  /** What the renderer keeps to, as nothing tells of a card that was dropped after 202. */
  targetBytes: 21_000,
  /**
   * Half of the 4 requests a second above which Teams throttles; nothing tells of a card that was dropped after 202.
   * @see https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
   */
  rates: { post: { intervalMs: 500, burst: 2 }, edit: { intervalMs: 500, burst: 2 } },
  /** Newest schema version that Teams renders. */
  version: '1.5',
  /** Buttons that Teams shows without an overflow menu. */
  actions: 6,
  /** Own bounds, where none is documented. */
  textRun: 1000,
  chartPoints: 40,
} as const;
