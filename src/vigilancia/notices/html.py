"""How the small pages behind links are answered."""

from litestar import MediaType, Response

from vigilancia.notices.render import style_hash


def html_page(html: str, status_code: int) -> Response[str]:
    """Answer with a page that fetches nothing, is kept by nobody and tells nobody where its reader came from."""
    policy = (
        f"default-src 'none'; style-src {style_hash()}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return Response(
        html,
        status_code=status_code,
        media_type=MediaType.HTML,
        headers={
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex, nofollow",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": policy,
        },
    )
