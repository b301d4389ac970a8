/** What we use of the package; its own types leave out how a token is read back. */
declare module 'agora-token' {
  interface Built {
    RtcRole: { readonly PUBLISHER: number; readonly SUBSCRIBER: number };
    RtcTokenBuilder: {
      buildTokenWithUid(
        appId: string,
        certificate: string,
        channel: string,
        uid: number,
        role: number,
        tokenSeconds: number,
        privilegeSeconds: number,
      ): string;
    };
  }
  const built: Built;
  export default built;
}

declare module 'agora-token/src/AccessToken2.js' {
  interface RtcService {
    readonly __channel_name: Buffer;
    readonly __uid: Buffer;
    /** By what it allows (1 join, 2 audio, 3 video, 4 data): for how many seconds. */
    readonly __privileges: Readonly<Record<string, number>>;
  }
  class AccessToken2 {
    constructor(appId: string, certificate: string, issuedAt: number, expireSeconds: number);
    readonly appId: Buffer;
    readonly issueTs: number;
    readonly expire: number;
    from_string(token: string): boolean;
    verifySignature(certificate: string): boolean;
    getServices(type: number): readonly RtcService[];
  }
  const read: { readonly AccessToken2: typeof AccessToken2 };
  export default read;
}
