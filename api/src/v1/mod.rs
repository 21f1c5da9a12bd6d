//! What goes over the wire: the table of routes, and for each resource its handlers and bodies.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod auth;
pub mod candidate;
pub mod grade_previews;
pub mod grades;
pub mod me;
pub mod openapi;
pub mod question_sets;
pub mod server;
pub mod sessions;
pub mod vocabulary;

/// Every route that is served and documented. Who may call which is in `auth::permissions`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(server::get_health)
        .service(server::get_readiness)
        .service(server::get_openapi)
        .service(server::get_key_set)
        .service(auth::register)
        .service(auth::login)
        .service(auth::refresh)
        .service(auth::logout)
        .service(me::get_me)
        .service(me::change_password)
        .service(question_sets::list_sets)
        .service(question_sets::create_set)
        .service(question_sets::get_set)
        .service(question_sets::edit_set)
        .service(question_sets::publish_set)
        .service(question_sets::list_versions)
        .service(question_sets::get_version)
        .service(sessions::list_sessions)
        .service(sessions::create_session)
        .service(sessions::get_session)
        .service(sessions::get_report)
        .service(sessions::cancel_session)
        .service(sessions::finalize_session)
        .service(sessions::release_result)
        .service(grade_previews::preview_grade)
        .service(candidate::open_session)
        .service(candidate::get_session)
        .service(candidate::start_session)
        .service(candidate::submit_session)
        .service(candidate::decline_session)
        .service(candidate::list_answers)
        .service(candidate::save_answer)
        .service(candidate::get_result);
}
