/**
 * Slack's limits, in characters and counts. Characters are counted after `&`, `<` and `>` have become entities, which
 * is the longer of the two readings.
 *
 * @see https://docs.slack.dev/reference/block-kit/blocks and @slack/types 3.2.0 for the block limits
 */
export const SLACK_LIMITS = {
  blocks: 50,
  /**
   * All blocks of a message as JSON. Not documented: `msg_blocks_too_long` was met at about 13,200 characters of text,
   * and earlier with rich text, so the whole JSON stays below.
   * @see https://github.com/slackapi/bolt-js/issues/2509 and /issues/2867
   */
  blocksJson: 12_000,
  headerText: 150,
  sectionText: 3000,
  fields: 10,
  fieldText: 2000,
  contextElements: 10,
  contextText: 2000,
  actions: 25,
  buttonText: 75,
  buttonValue: 2000,
  actionId: 255,
  blockId: 255,
  url: 3000,
  /** The top-level text is cut by Slack at 40,000; a notification shows far less. */
  notificationText: 1000,
  /** @see https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block; two a message is not documented but enforced */
  chart: { perMessage: 2, title: 50, series: 6, seriesName: 20, points: 20, label: 20, axisLabel: 50 },
  /**
   * One message a second and channel, bot or webhook; edits 50 a minute (Tier 3).
   * @see https://docs.slack.dev/apis/web-api/rate-limits
   */
  rates: { post: { intervalMs: 1_000, burst: 1 }, edit: { intervalMs: 1_200, burst: 5 } },
  /** Own bound of one text run in rich text, where none is documented. */
  richTextRun: 1000,
} as const;
