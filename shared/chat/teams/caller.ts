import type { TokenCaller } from '../../ports.ts';

/**
 * Whether a caller of the Bot Framework may bring this activity: its token names the place that replies go to, and its key
 * is endorsed for the channel (`msteams`).
 *
 * @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
export function speaksFor(caller: TokenCaller, activity: { serviceUrl: string; channelId: string }): boolean {
  return (
    caller.serviceUrl !== undefined &&
    plainUrl(caller.serviceUrl) === plainUrl(activity.serviceUrl) &&
    caller.endorsements.includes(activity.channelId)
  );
}

function plainUrl(url: string): string {
  return url.toLowerCase().replace(/\/+$/, '');
}
