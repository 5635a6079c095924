/** What the SNS endpoint asks of AWS: both calls go to a URL that was checked to be one of SNS's own. */
export interface SnsAuthority {
  /** The signing certificate, PEM; kept in memory. `HeadroomError` kind `unavailable` or `timed-out` when it cannot be read. */
  certificate(url: string): Promise<string>;
  /** Confirms a subscription by its SubscribeURL. */
  confirm(url: string): Promise<void>;
}

/** Who a token speaks for, once its signature, issuer, audience and times were checked. */
export type TokenCaller = {
  /** Entra tenant; absent where the issuer is not Entra. */
  tenantId?: string;
  /** Application that asked for the token: `azp`, or `appid` in older tokens. */
  appId?: string;
  objectId?: string;
  roles: readonly string[];
  /** Bot Framework: where replies to the activity go. An activity that names another place is not believed. */
  serviceUrl?: string;
  /** Bot Framework: channels that the signing key may speak for. */
  endorsements: readonly string[];
};

/** `why` is for the log alone: whoever sent the token is told nothing. */
export type TokenVerdict = { ok: true; caller: TokenCaller } | { ok: false; why: string };

/** Checks the bearer tokens of one kind of caller. */
export interface TokenVerifier {
  /**
   * Never throws for what a token holds.
   *
   * @throws HeadroomError `unavailable` while the issuer's keys cannot be read and nobody can be told apart: answer 503
   */
  verify(token: string): Promise<TokenVerdict>;
}
