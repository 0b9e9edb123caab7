import { createHash, timingSafeEqual } from "node:crypto";
import Type from "typebox";
import { StreamName } from "../contract/headquarters.ts";
import { GatewayId } from "../contract/ids.ts";
import type { App } from "./app.ts";
import type { Ledger } from "./ledger.ts";
import { Refused } from "./refused.ts";
import type { Registry } from "./registry.ts";
import { reader } from "./routes.ts";

const MINUTE_MS = 60_000;
/** An installer gets his code in the morning and is in the shop the next day. */
const CLAIM_MINUTES = 48 * 60;

const WholeNumber = Type.String({ pattern: "^[0-9]{1,15}$" });
const readClaim = reader(
  Type.Object(
    { gateway: GatewayId, validMinutes: Type.Optional(Type.Number({ minimum: 0.01, maximum: 30 * 24 * 60 })) },
    { additionalProperties: false },
  ),
);
const readGateway = reader(Type.Object({ gateway: GatewayId }), "unknown-route");
const readQuery = reader(
  Type.Object({
    stream: StreamName,
    after: Type.Optional(WholeNumber),
    limit: Type.Optional(WholeNumber),
    epoch: Type.Optional(Type.String({ maxLength: 64 })),
  }),
);

/** What the people at headquarters may ask, with the operator's token: claim codes, revocation, and what the gateways have sent. */
export function addOperatorRoutes(
  app: App,
  parts: { readonly token: string; readonly registry: Registry; readonly ledger: Ledger },
): void {
  const { registry, ledger } = parts;
  const expected = digest(parts.token);
  const onRequest = async (request: { readonly headers: { readonly authorization?: string | undefined } }) => {
    const given = /^Bearer (.{1,200})$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    if (!timingSafeEqual(digest(given), expected))
      throw new Refused("operator-refused", "the operator's token is needed");
  };

  app.post("/v1/operator/claims", { onRequest }, async (request) => {
    const { gateway, validMinutes } = readClaim(request.body);
    return { gateway, claimCode: await registry.createClaim(gateway, (validMinutes ?? CLAIM_MINUTES) * MINUTE_MS) };
  });
  app.post("/v1/operator/gateways/:gateway/revoke", { onRequest }, async (request) => ({
    revoked: await registry.revoke(readGateway(request.params).gateway),
  }));
  app.post("/v1/operator/gateways/:gateway/reinstate", { onRequest }, async (request) => ({
    reinstated: await registry.reinstate(readGateway(request.params).gateway),
  }));
  app.get("/v1/gateways", { onRequest }, async () => ({ gateways: await registry.gateways() }));
  app.get("/v1/gateways/:gateway/records", { onRequest }, async (request) => {
    const { gateway } = readGateway(request.params);
    const { stream, after, limit, epoch } = readQuery(request.query);
    const records = await ledger.records({
      gateway,
      stream,
      afterSeq: Number(after ?? 0),
      limit: Number(limit ?? 500),
      ...(epoch === undefined ? {} : { epoch }),
    });
    return { records };
  });
  app.get("/v1/gateways/:gateway/losses", { onRequest }, async (request) => {
    const { gateway } = readGateway(request.params);
    return { losses: await ledger.losses(gateway), conflicts: await ledger.conflicts(gateway) };
  });
}

function digest(value: string): Buffer {
  return createHash("sha256").update(value).digest();
}
