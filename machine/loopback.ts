import { BlockList, isIPv4 } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether an address (or `localhost`) can be reached from this machine alone. IPv4 written as IPv6 counts as what it is. */
export function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, "");
  return plain === "localhost" || loopback.check(plain, isIPv4(plain) ? "ipv4" : "ipv6");
}
