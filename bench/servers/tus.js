// @ts-check
// The tus project's own server for Node with its store on disk, as its documentation sets it up.
import { createServer } from "node:http";
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";
import { sendFile } from "./files.js";
import { listen } from "./listen.js";

const [folder, directory] = process.argv.slice(2);

const tus = new Server({ path: "/files", datastore: new FileStore({ directory }) });
const server = createServer((request, response) => {
  if (request.url?.startsWith("/files")) return void tus.handle(request, response);
  sendFile(folder, request, response);
});
server.requestTimeout = 0;
listen(server);
