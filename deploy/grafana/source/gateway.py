"""The gateway's dashboard: rate, errors, duration."""

from __future__ import annotations

from deploy.grafana.source.panels import Board, Panel, Query, Row, Text

GATEWAY = Board(
    "gateway",
    Text("Mapsi · Gateway", "맵시 · 게이트웨이"),
    Text("Requests by route: how many, how they end, how long they take.",
         "경로별 요청 수, 결과, 걸린 시간을 봅니다."),
    (
        Row(
            Text("The promise", "목표"),
            (
                Panel(
                    Text("Requests a second", "초당 요청"),
                    Text("All routes.", "모든 경로입니다."),
                    (Query("sum(rate(mapsi_http_requests_total[$__rate_interval]))"),),
                    unit="reqps", kind="number", width=6,
                ),
                Panel(
                    Text("Being answered now", "지금 처리 중"),
                    Text("With event streams.", "이벤트 스트림을 포함합니다."),
                    (Query("sum(mapsi_http_in_flight)"),),
                    kind="number", width=6,
                ),
                Panel(
                    Text("5xx in six hours", "6시간 동안의 5xx"),
                    Text("The promise is 0.5 %.", "목표는 0.5%입니다."),
                    (Query("mapsi:http_errors:ratio_rate6h"),),
                    unit="percentunit", kind="number", width=6, warn=0.005, alarm=0.03,
                ),
                Panel(
                    Text("Slower than 2.5 s in an hour", "한 시간 동안 2.5초보다 느린 요청"),
                    Text("Without streams, drawings and uploads; the promise is 1 %.",
                         "스트림, 그림, 업로드는 뺍니다. 목표는 1%입니다."),
                    (Query("mapsi:http_slow:ratio_rate1h"),),
                    unit="percentunit", kind="number", width=6, warn=0.01, alarm=0.06,
                ),
            ),
        ),
        Row(
            Text("Requests", "요청"),
            (
                Panel(
                    Text("Requests by route", "경로별 요청"),
                    Text("A second.", "초당 요청 수입니다."),
                    (Query('sum by (route) (rate(mapsi_http_requests_total{route=~"$route"}[$__rate_interval]))', "{{route}}"),),
                    unit="reqps", kind="stacked",
                ),
                Panel(
                    Text("Requests by status", "상태 코드별 요청"),
                    Text("499: the client left before the answer.", "499는 응답 전에 연결을 끊은 것입니다."),
                    (Query('sum by (status) (rate(mapsi_http_requests_total{route=~"$route"}[$__rate_interval]))', "{{status}}"),),
                    unit="reqps", kind="stacked",
                ),
                Panel(
                    Text("Duration, 95th percentile", "걸린 시간(95백분위)"),
                    Text("Event streams last as long as they are listened to.",
                         "이벤트 스트림은 듣는 동안 계속됩니다."),
                    (Query('histogram_quantile(0.95, sum by (le, route) (rate(mapsi_http_seconds_bucket{route=~"$route"}[$__rate_interval])))', "{{route}}"),),
                    unit="s",
                ),
                Panel(
                    Text("Budget spent, as a multiple of what is allowed", "오류 예산 소진 속도(허용치의 배수)"),
                    Text("1: the month's promise is just kept. Someone is woken at 14.4 in an hour or 6 in six.",
                         "1이면 한 달 목표를 겨우 지킵니다. 한 시간 14.4배나 여섯 시간 6배면 호출합니다."),
                    (
                        Query("mapsi:http_errors:ratio_rate1h / 0.005", Text("an hour", "1시간")),
                        Query("mapsi:http_errors:ratio_rate6h / 0.005", Text("six hours", "6시간")),
                        Query("mapsi:http_errors:ratio_rate3d / 0.005", Text("three days", "3일")),
                    ),
                    alarm=6,
                ),
            ),
        ),
    ),
    variables=(("route", Text("Route", "경로"), "label_values(mapsi_http_requests_total, route)"),),
)  # fmt: skip
