import type { NetworkInterfaceInfo } from "node:os";
import { expect, it } from "vitest";
import { pageAddresses } from "./page-addresses.ts";

const v4 = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  internal,
  family: "IPv4",
  netmask: "255.255.255.0",
  mac: "00:00:00:00:00:00",
  cidr: null,
});
const v6 = (address: string): NetworkInterfaceInfo => ({ ...v4(address), family: "IPv6", scopeid: 0 });
const BOX = { lo: [v4("127.0.0.1", true)], eth0: [v4("192.168.8.20"), v6("fd00::20"), v6("fe80::1")] };

it("names an address of its own as it is", () => {
  expect(pageAddresses("https://192.168.8.20:8443", BOX)).toEqual(["https://192.168.8.20:8443"]);
  expect(pageAddresses("http://127.0.0.1:8080", BOX)).toEqual(["http://127.0.0.1:8080"]);
});

it("names addresses that a browser can open where all are listened on", () => {
  expect(pageAddresses("https://0.0.0.0:8443", BOX)).toEqual(["https://192.168.8.20:8443"]);
  expect(pageAddresses("https://[::]:8443", BOX)).toEqual(["https://192.168.8.20:8443", "https://[fd00::20]:8443"]);
});

it("names the machine itself where it has no network", () => {
  expect(pageAddresses("https://0.0.0.0:8443", { lo: BOX.lo })).toEqual(["https://localhost:8443"]);
});
