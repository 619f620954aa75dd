//! The server's binary: reads the command line, serves until told to stop.

mod cli;

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use axum::serve::ListenerExt;
use clap::Parser;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use cli::Cli;

fn main() -> ExitCode {
    if cfg!(feature = "fault-injection") && std::env::var("UPFERRY_FAULT").as_deref() == Ok("list-steps") {
        println!("{}", upferry_server::fault::STEPS.join("\n"));
        return ExitCode::SUCCESS;
    }
    let cli = Cli::parse();
    let format =
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    tracing_subscriber::registry().with(format).with(cli.log.clone()).init();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("upferry-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), Box<dyn std::error::Error>> {
    // Every blocking call may hold two buffers; more threads than this would not make a disk faster.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(32).build()?;
    let grace = cli.shutdown_grace;
    let outcome = runtime.block_on(serve(cli));
    // What runs on is taken up at the next start.
    runtime.shutdown_timeout(grace.min(Duration::from_secs(1)));
    outcome
}

async fn serve(cli: Cli) -> Result<(), Box<dyn std::error::Error>> {
    let (listen, files, grace) = (cli.listen, cli.r#static.clone(), cli.shutdown_grace);
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let uploads = upferry_server::router(cli.into_config()?).await?;
    let application = upferry_server::application(uploads, files.as_deref());
    let listener = TcpListener::bind(listen).await.map_err(|error| format!("can't listen on {listen}: {error}"))?;
    tracing::info!("listening on http://{}/", listener.local_addr()?);

    let (stop, stopping) = tokio::sync::watch::channel(false);
    let told = async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
        tracing::info!("stopping: requests under way may finish");
        stop.send_replace(true);
    };
    let mut late = stopping.clone();
    let too_long = async move {
        if late.wait_for(|&stopping| stopping).await.is_ok() {
            tokio::time::sleep(grace).await;
        }
    };
    let listener = listener.tap_io(|stream| {
        // Small answers must not wait for the next packet.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
    });
    let server = axum::serve(listener, application.into_make_service_with_connect_info::<SocketAddr>());
    tokio::select! {
        outcome = server.with_graceful_shutdown(told).into_future() => outcome?,
        () = too_long => tracing::warn!("some requests did not finish in time"),
    }
    tracing::info!("stopped");
    Ok(())
}
