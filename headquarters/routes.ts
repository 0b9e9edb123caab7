import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import Type, { type Static, type TSchema } from "typebox";
import { Compile } from "typebox/compile";
import {
  BatchRequest,
  type BatchResponse,
  EnrolRequest,
  type EnrolResponse,
  HelloRequest,
  type HelloResponse,
  RenewRequest,
  StreamName,
} from "../contract/headquarters.ts";
import { GatewayId } from "../contract/ids.ts";
import type { App } from "./app.ts";
import { type Authority, keyOfSigningRequest } from "./authority.ts";
import type { GatewayCertificates } from "./gateway-certificate.ts";
import type { Ledger } from "./ledger.ts";
import type { Load } from "./load.ts";
import { Refused } from "./refused.ts";
import type { Registry } from "./registry.ts";

export interface RouteParts {
  readonly authority: Authority;
  readonly certificates: GatewayCertificates;
  readonly registry: Registry;
  readonly ledger: Ledger;
  readonly load: Load;
  /** Shop time of the answers. */
  readonly serverTime: () => number;
  readonly certificateLifeMs: number;
}

const EpochParameters = Type.Object({
  gateway: GatewayId,
  epoch: Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9-]+$" }),
});
const StreamParameters = Type.Object({ ...EpochParameters.properties, stream: StreamName });
const GatewayParameters = Type.Object({ gateway: GatewayId });

const readEnrol = reader(EnrolRequest);
const readRenew = reader(RenewRequest);
const readHello = reader(HelloRequest);
const readBatch = reader(BatchRequest);
const readGateway = reader(GatewayParameters, "unknown-route");
const readEpoch = reader(EpochParameters, "unknown-route");
const readStream = reader(StreamParameters, "unknown-route");

/** What gateways may ask: enrolment, renewal, hand-shake and batches. The certificate is looked at before a byte of the body is read. */
export function addGatewayRoutes(app: App, parts: RouteParts): void {
  const { authority, certificates, registry, ledger, load } = parts;
  const certified = (purpose: "records" | "renew") => async (request: Asked) => {
    const { gateway } = readGateway(request.params);
    await certificates.identify(request.raw, gateway, purpose);
    load.admit(gateway);
  };

  app.post(
    "/v1/enrol",
    { onRequest: async (request) => load.admitStranger(request.socket.remoteAddress ?? "unknown") },
    async (request): Promise<EnrolResponse> => {
      const { claimCode, csr } = readEnrol(request.body);
      const gateway = await registry.useClaim(claimCode, await keyOfSigningRequest(csr));
      return certify(readGateway({ gateway }).gateway, csr);
    },
  );

  app.post(
    "/v1/gateways/:gateway/renew",
    { onRequest: certified("renew") },
    async (request): Promise<EnrolResponse> =>
      certify(readGateway(request.params).gateway, readRenew(request.body).csr),
  );

  app.post(
    "/v1/gateways/:gateway/epochs/:epoch/hello",
    { onRequest: certified("records") },
    async (request): Promise<HelloResponse> => {
      const { gateway, epoch } = readEpoch(request.params);
      const answer = await ledger.hello(gateway, epoch, readHello(request.body));
      return { serverTime: parts.serverTime(), ...answer };
    },
  );

  app.post(
    "/v1/gateways/:gateway/epochs/:epoch/streams/:stream",
    { onRequest: certified("records") },
    async (request): Promise<BatchResponse> => {
      const { gateway, epoch, stream } = readStream(request.params);
      const { records, tombstones } = readBatch(request.body);
      const mark = await load.carry(() => ledger.accept({ gateway, epoch, stream }, records, tombstones));
      return { highWaterMark: mark.seq, hash: mark.hash, serverTime: parts.serverTime() };
    },
  );

  async function certify(gateway: GatewayId, csr: string): Promise<EnrolResponse> {
    const certificate = await authority.signGateway(gateway, csr, parts.certificateLifeMs);
    await registry.addCertificate(gateway, certificate);
    return {
      gateway,
      certificate: certificate.pem,
      authority: authority.certificatePem,
      serverTime: parts.serverTime(),
    };
  }
}

/** The part of a request that is there before its body. */
type Asked = { readonly raw: IncomingMessage | Http2ServerRequest; readonly params: unknown };

/** A function that checks a value against a schema and hands it on typed. */
export function reader<Schema extends TSchema>(
  schema: Schema,
  otherwise: "body-unreadable" | "unknown-route" = "body-unreadable",
): (value: unknown) => Static<Schema> {
  const compiled = Compile(schema);
  const check = (value: unknown): value is Static<Schema> => compiled.Check(value);
  return (value) => {
    if (check(value)) return value;
    const first = compiled.Errors(value)[0];
    throw new Refused(
      otherwise,
      first === undefined ? "does not fit its schema" : `${first.instancePath}: ${first.message}`,
    );
  };
}
