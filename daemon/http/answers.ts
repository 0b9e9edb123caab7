import type { FastifySerializerCompiler } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { GatewayError } from "../../contract/errors.ts";

/**
 * Checks every answer against its schema before it leaves: an answer with a field too many (a hash, a plate) is an error, not a leak.
 * Fastify's own serializer would drop or convert silently.
 */
export const checkedAnswers: FastifySerializerCompiler<TSchema> = ({ schema, url, httpStatus }) => {
  const validator = Compile(schema);
  return (answer) => {
    if (validator.Check(answer)) return JSON.stringify(answer);
    const first = validator.Errors(answer)[0];
    throw new GatewayError("HTTP_ANSWER_INVALID", {
      detail: `${url} ${httpStatus ?? ""} ${first?.instancePath ?? ""} ${first?.message ?? ""}`,
    });
  };
};
