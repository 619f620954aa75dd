use upferry::exports::make_uploader;
use upferry::host::Host;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

// wasm-bindgen brings along only the JavaScript that Rust names; what that imports has to be named too.
#[wasm_bindgen(module = "/tests/cases/fake_server.js")]
extern "C" {
    #[wasm_bindgen(js_name = silence)]
    fn _silence();
}

#[wasm_bindgen(module = "/js/dropped.js")]
extern "C" {
    #[wasm_bindgen(js_name = dropped)]
    fn _dropped();
}

/// The tests are written in JavaScript, as what they test is what JavaScript sees.
macro_rules! cases {
    ($($name:ident = $js_name:literal,)*) => {
        #[wasm_bindgen(module = "/tests/cases/uploader.js")]
        extern "C" {
            #[wasm_bindgen(thread_local_v2, js_name = host)]
            static HOST: Host;

            $(
                #[wasm_bindgen(catch, js_name = $js_name)]
                async fn $name(make: &js_sys::Function) -> Result<JsValue, JsValue>;
            )*
        }

        mod run {
            use super::*;

            $(
                #[wasm_bindgen_test]
                async fn $name() -> Result<(), JsValue> {
                    let make = Closure::<dyn Fn(JsValue) -> Result<JsValue, JsValue>>::new(|options: JsValue| {
                        make_uploader(&options, HOST.with(Clone::clone))
                    });
                    super::$name(make.as_ref().unchecked_ref()).await.map(drop)
                }
            )*
        }
    };
}

cases! {
    a_file_arrives_and_tells_of_it = "aFileArrivesAndTellsOfIt",
    one_upload_is_one_object = "oneUploadIsOneObject",
    two_files_of_one_content_are_one_upload = "twoFilesOfOneContentAreOneUpload",
    free_ends_everything = "freeEndsEverything",
    free_is_legal_within_a_listener = "freeIsLegalWithinAListener",
    free_is_legal_within_the_headers_function = "freeIsLegalWithinTheHeadersFunction",
    cancel_is_an_abort_error = "cancelIsAnAbortError",
    listeners_come_and_go = "listenersComeAndGo",
    what_is_no_file_is_a_type_error = "whatIsNoFileIsATypeError",
    a_rejected_file_throws_and_is_told = "aRejectedFileThrowsAndIsTold",
    a_failure_has_a_code_and_a_retry_a_new_promise = "aFailureHasACodeAndARetryANewPromise",
    adding_a_failed_file_again_tries_again = "addingAFailedFileAgainTriesAgain",
    headers_are_asked_for_once_and_again_after_a_401 = "headersAreAskedForOnceAndAgainAfterA401",
    a_strange_rejection_of_fetch_is_a_lost_connection = "aStrangeRejectionOfFetchIsALostConnection",
    what_was_interrupted_is_listed_and_resumed = "whatWasInterruptedIsListedAndResumed",
    an_interrupted_upload_is_discarded_or_forgotten = "anInterruptedUploadIsDiscardedOrForgotten",
    new_headers_are_asked_for_once_for_all_that_is_interrupted = "newHeadersAreAskedForOnceForAllThatIsInterrupted",
    what_is_discarded_leaves_nothing_here_though_the_server_is_silent =
        "whatIsDiscardedLeavesNothingHereThoughTheServerIsSilent",
    what_was_refused_for_good_is_not_interrupted = "whatWasRefusedForGoodIsNotInterrupted",
    offline_is_waited_out = "offlineIsWaitedOut",
    a_page_put_away_goes_on_when_it_is_back = "aPagePutAwayGoesOnWhenItIsBack",
    leaving_asks_only_while_something_would_be_lost = "leavingAsksOnlyWhileSomethingWouldBeLost",
    a_small_file_goes_along_with_its_creation = "aSmallFileGoesAlongWithItsCreation",
    folders_are_walked = "foldersAreWalked",
    free_is_legal_while_folders_are_walked = "freeIsLegalWhileFoldersAreWalked",
    a_handle_that_can_not_be_opened_says_so = "aHandleThatCanNotBeOpenedSaysSo",
    a_thousand_files_are_added_at_once = "aThousandFilesAreAddedAtOnce",
}
