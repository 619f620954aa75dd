#!/usr/bin/env -S gjs -m
// The smallest browser around WebKitGTK that WebKitWebDriver can drive: webkit-browser.js PROFILE DOWNLOADS
// (WebKitGTK's own MiniBrowser keeps nothing over a restart when it is driven.)
import Gtk from "gi://Gtk?version=3.0";
import WebKit from "gi://WebKit2?version=4.1";
import GLib from "gi://GLib";

const [profile, downloads] = ARGV;

/** Off by default in WebKitGTK, and on in Safari. */
const FEATURES = ["FileSystem", "StorageAPI"];

/** The tabs of the window that was opened last. */
let tabs = null;

Gtk.init(null);
const context = new WebKit.WebContext({
  website_data_manager: new WebKit.WebsiteDataManager({
    base_data_directory: `${profile}/data`,
    base_cache_directory: `${profile}/cache`,
  }),
});
context.set_automation_allowed(true);
context.connect("automation-started", (_context, session) => {
  const info = new WebKit.ApplicationInfo();
  info.set_name("upferry-webkit");
  session.set_application_info(info);
  session.connect("create-web-view::window", openWindow);
  session.connect("create-web-view::tab", openTab);
});
context.connect("download-started", (_context, download) => {
  download.connect("decide-destination", (_download, name) => {
    download.set_destination(GLib.filename_to_uri(`${downloads}/${name}`, null));
    return true;
  });
});
new GLib.MainLoop(null, false).run();

function openWindow() {
  const window = new Gtk.Window({ default_width: 1000, default_height: 800 });
  tabs = new Gtk.Notebook({ show_tabs: false });
  tabs.connect("page-removed", (notebook) => notebook.get_n_pages() === 0 && window.destroy());
  window.connect("destroy", () => (tabs = null));
  window.add(tabs);
  window.show_all();
  return openTab();
}

function openTab() {
  if (!tabs) return openWindow();
  const view = new WebKit.WebView({ web_context: context, is_controlled_by_automation: true, settings: settings() });
  view.connect("close", () => view.destroy());
  view.show();
  tabs.set_current_page(tabs.append_page(view, null));
  return view;
}

function settings() {
  const chosen = new WebKit.Settings({ enable_write_console_messages_to_stdout: true });
  const features = WebKit.Settings.get_all_features();
  for (let i = 0; i < features.get_length(); i++) {
    const feature = features.get(i);
    if (FEATURES.includes(feature.get_identifier())) chosen.set_feature_enabled(feature, true);
  }
  return chosen;
}
