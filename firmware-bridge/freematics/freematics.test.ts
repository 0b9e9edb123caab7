import { createSocket } from "node:dgram";
import { once } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AdapterUnderTest } from "../adapter.fixture.ts";
import { EgressRefusal, machineTransports } from "../egress/index.ts";
import { freematics } from "./index.ts";
import { feedNumberOf, readFreematics } from "./messages.ts";

const ID = "ABC12345";

/** Text as the firmware would send it. */
function signed(text: string): string {
  const sum = [...Buffer.from(text)].reduce((total, byte) => (total + byte) % 256, 0);
  return `${text}*${sum.toString(16).toUpperCase()}`;
}

describe("Freematics text", () => {
  it("holds values by hex PID, of one number or several", () => {
    expect(readFreematics(Buffer.from(signed(`${ID}#0:1234567,10C:1850,20:0.1;-0.2;9.8,24:1263`)))).toEqual({
      id: ID,
      event: undefined,
      values: [
        { pid: 0, numbers: [1_234_567] },
        { pid: 0x10c, numbers: [1850] },
        { pid: 0x20, numbers: [0.1, -0.2, 9.8] },
        { pid: 0x24, numbers: [1263] },
      ],
    });
  });

  it("is refused when its checksum does not hold", () => {
    fc.assert(
      fc.property(fc.nat({ max: 20 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const bytes = Buffer.from(signed(`${ID}#10C:1850,10D:23`));
        bytes[at] = ((bytes[at] ?? 0) + by) % 256;
        expect(readFreematics(bytes)).toBeUndefined();
      }),
    );
  });

  it("survives anything", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.string().map((text) => Buffer.from(signed(text))),
        ),
        (bytes) => {
          readFreematics(bytes);
        },
      ),
    );
  });

  it("on its topic says what the car does, and not where it is", () => {
    const device = new AdapterUnderTest(freematics, { nativeId: ID });
    device.adapter.start();
    expect(device.adapter.topics).toEqual([`freematics/${ID}/data`]);
    device.say(`freematics/${ID}/data`, signed(`${ID}#A:31.23,B:121.47,10C:1850,10D:0,24:1263,82:41,133:101`));
    device.say(`freematics/${ID}/data`, signed("OTHER123#10C:5000"));
    // Another device, whose id begins with the number that this one got at its login.
    device.say(`freematics/${ID}/data`, signed(`${feedNumberOf(ID).toString(16)}XYZ#10C:5000`));
    expect(device.values()).toEqual({
      "engine-speed": 1850,
      "vehicle-speed": 0,
      "low-voltage-battery": 12.63,
      "device-temperature": 41,
      "0133": 101,
    });
    expect(device.state).toBe("online");
    expect(device.ports).toEqual([]);
  });
});

describe("a Freematics device over UDP", () => {
  const options = { udp: { address: "127.0.0.1", port: 8081 } };

  it("is answered at its login, now and then while it sends, and never commanded", () => {
    const device = new AdapterUnderTest(freematics, { nativeId: ID, options });
    device.adapter.start();
    const [port] = device.ports;
    const receive = (text: string) => port?.events.received(Buffer.from(signed(text)), "10.0.0.9 5000");
    receive(`${ID}#EV=1,TS=100,ID=${ID},SSI=-60,VIN=LSVAB2BR2HN000017`);
    receive(`${ID}#10C:900`);
    device.clock.advance(31_000);
    receive(`${feedNumberOf(ID).toString(16).toUpperCase()}#10C:950`);
    receive(`${ID}#EV=6,TS=5`);
    receive(`${ID}#EV=5,CMD=REBOOT`);
    receive("STRANGER#EV=1,ID=STRANGER");
    const replies = port?.sent.map(({ bytes, to }) => `${to} ${Buffer.from(bytes)}`) ?? [];
    expect(replies).toHaveLength(2);
    expect(replies[0]).toMatch(/^10\.0\.0\.9 5000 [0-9A-F]+#EV=1,RX=1,TM=\d+\*[0-9A-F]+$/);
    expect(replies[1]).toMatch(/#EV=3,RX=3,/);
    expect(signed(replies[0]?.replace(/^\S+ \S+ /, "").replace(/\*.*/, "") ?? "")).toBe(
      replies[0]?.replace(/^\S+ \S+ /, ""),
    );
    expect(device.values()).toMatchObject({ "engine-speed": 950 });
    receive(`${ID}#EV=2,TS=9`);
    expect(device.state).toBe("offline");
  });

  it("opens its port again when it was taken", () => {
    const device = new AdapterUnderTest(freematics, { nativeId: ID, options });
    device.adapter.start();
    device.ports[0]?.events.closed("address in use");
    expect(device.ports).toHaveLength(1);
    device.clock.advance(10_000);
    expect(device.ports).toHaveLength(2);
  });

  it("hears nothing from us but answers", () => {
    const { egress } = new AdapterUnderTest(freematics, { nativeId: ID, options });
    const outlet = egress.listen("freematics", options.udp, { received: () => undefined, closed: () => undefined });
    for (const text of ["1#EV=5,TK=1,CMD=X*00", "10C:1", ""])
      expect(() => outlet.send(Buffer.from(text), "a 1")).toThrow(EgressRefusal);
    expect(() => egress.listen("telnet", options.udp, { received: () => undefined, closed: () => undefined })).toThrow(
      EgressRefusal,
    );
  });

  it("shares one real port with its like", async () => {
    const heard: string[] = [];
    const closed: string[] = [];
    const probe = createSocket("udp4").bind(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address();
    probe.close();
    await once(probe, "close");
    const listen = (name: string) =>
      machineTransports.listen(
        { address: "127.0.0.1", port },
        {
          received: (bytes, from) => {
            heard.push(`${name} ${Buffer.from(bytes)}`);
            if (name === "a") first.send(Buffer.from("answer"), from);
          },
          closed: (reason) => closed.push(reason),
        },
      );
    const first = listen("a");
    const second = listen("b");
    const device = createSocket("udp4");
    const answer = once(device, "message");
    // The port opens a moment after it was asked for; a datagram that came too early is sent again, as devices do.
    const resend = setInterval(() => device.send("hello", port, "127.0.0.1"), 20);
    expect(`${(await answer)[0]}`).toBe("answer");
    clearInterval(resend);
    expect(heard.slice(0, 2).sort()).toEqual(["a hello", "b hello"]);
    first.close();
    second.close();
    device.close();
    expect(closed).toEqual([]);
  });
});
