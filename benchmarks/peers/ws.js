// Bare `ws` and Redis pub/sub; node ws.js PORT REDIS_SOCKET
const { createClient } = require("redis");
const { WebSocketServer } = require("ws");

const [port, path] = process.argv.slice(2);
const rooms = new Map();

async function main() {
  const publisher = createClient({ socket: { path } });
  const subscriber = publisher.duplicate();
  await Promise.all([publisher.connect(), subscriber.connect()]);

  function join(name, socket) {
    if (!rooms.has(name)) {
      const members = new Set();
      rooms.set(name, members);
      subscriber.subscribe(name, (text) => {
        for (const member of members) member.send(text);
      });
    }
    rooms.get(name).add(socket);
  }

  const server = new WebSocketServer({ port: Number(port), host: "127.0.0.1" });
  server.on("connection", (socket, request) => {
    const room = request.url.split("/")[3];
    join(room, socket);
    socket.on("message", (data) => publisher.publish(room, data.toString()));
    socket.on("close", () => rooms.get(room).delete(socket));
  });
}

main();
