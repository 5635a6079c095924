/**
 * Rules that only the portal's "Test action group" sends. Matched whole, so that somebody's real rule `test-vault` is
 * not taken for one. Ids tell nothing: test notifications borrow the shape of real ones.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-payload-samples#sample-payloads-for-test-actions (read 2026-11-20)
 */
const TEST_RULES: ReadonlySet<string> = new Set([
  'test-activityLogAlertRule',
  'test-availabilityTest-test-applicationInsights',
  'test-dynamicMetricAlertRule',
  'test-logAlertRule-v1-metricMeasurement',
  'test-logAlertRule-v1-numResults',
  'test-logAlertRule-v2',
  'test-metricAlertRule',
  'test-ResourceHealthAlertRule',
  'test-ServiceHealthAlertRule',
  'test-SmartAlertRule',
]);

/** Activity-log and budget tests end their alert id so. */
const TEST_ALERT_ID = /\/Test_Alert$/;

/** Whether the alert is the portal's test notification and no real event. */
export function isTestNotification(alertRule: string | null | undefined, alertId: string | null | undefined): boolean {
  return TEST_RULES.has(alertRule ?? '') || TEST_ALERT_ID.test(alertId ?? '');
}
