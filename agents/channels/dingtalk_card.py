"""DingTalk 钉钉 interactive cards 互动卡片: a card of a template to one person, whose buttons call us back.

https://open.dingtalk.com/document/orgapp/create-and-deliver-cards. The template is the operator's, made in DingTalk's
card builder: it shows `title`, `body` (markdown) and `status`, and each of its buttons sends back a parameter `seal`
that is bound to `seal_ack`, `seal_resolve` and so on; a button whose variable is empty is to be hidden.
"""

from datetime import timedelta
from hashlib import blake2b

import orjson
from pydantic import SecretStr

from agents.channels.answers import body_of, by_status
from agents.channels.base import Answer, Judgement, Message, Request
from agents.channels.dingtalk import HEADERS
from agents.channels.tokens import Token, token_from
from pipeline.answers.acts import Act
from pipeline.cards.draw import markdown_of
from pipeline.cards.plain import cut, plain
from schemas.deliveries import Outcome

API = "https://api.dingtalk.com"
_BODY_BYTES_MAX = 4_000
_THROTTLED = "Throttling"  # the beginning of the vendor's code, which comes with several statuses


class DingTalkCard:
    """Cards of one application, by its robot."""

    def __init__(
        self,
        *,
        app_key: str,
        app_secret: SecretStr,
        robot_code: str,
        template_id: str,
        callback_route: str,
        api: str = API,
    ) -> None:
        self._app_key, self._app_secret, self._robot_code = app_key, app_secret, robot_code
        self._template_id, self._callback_route, self._api = template_id, callback_route, api

    def token_request(self) -> Request:
        """Ask for a token; it lasts two hours."""
        body = {"appKey": self._app_key, "appSecret": self._app_secret.get_secret_value()}
        return Request(SecretStr(f"{self._api}/v1.0/oauth2/accessToken"), orjson.dumps(body), HEADERS)

    def read_token(self, answer: Answer) -> Token | Judgement:
        """The token, or why there is none."""
        judged = _by_status(answer) or Judgement(Outcome.ACCEPTED, "0")
        return token_from(answer, judged=judged, field="accessToken", lifetime="expireIn")

    def request(self, message: Message, *, token: SecretStr) -> Request:
        """A card; its `outTrackId` makes a repeat known to the vendor, and is the name by which it is drawn anew."""
        headers = {**HEADERS, "x-acs-dingtalk-access-token": token.get_secret_value()}
        if message.redraws:
            drawn = {
                "outTrackId": message.redraws,
                "cardData": {"cardParamMap": _variables(message)},
                "cardUpdateOptions": {"updateCardDataByKey": True},  # `status` keeps what a press has written there
            }
            url = f"{self._api}/v1.0/card/instances"
            return Request(SecretStr(url), orjson.dumps(drawn), headers, method="PUT")
        body = {
            "cardTemplateId": self._template_id,
            "outTrackId": _name(message),
            "callbackType": "HTTP",
            "callbackRouteKey": self._callback_route,
            "cardData": {"cardParamMap": {"status": "", **_variables(message)}},
            "userIdType": 1,
            "openSpaceId": f"dtv1.card//IM_ROBOT.{message.to}",
            "imRobotOpenSpaceModel": {"supportForward": False},
            "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": self._robot_code},
        }
        return Request(SecretStr(f"{self._api}/v1.0/card/instances/createAndDeliver"), orjson.dumps(body), headers)

    def judge(self, answer: Answer) -> Judgement:
        """Success is HTTP 2xx, `success`, and every delivery in the result a success too."""
        judged = _by_status(answer)
        if judged is not None:
            return judged
        body = body_of(answer)
        if body.get("success") is not True:
            return Judgement(Outcome.REFUSED if body else Outcome.UNREACHABLE, "no success")
        if not _is_delivered(body.get("result")):
            return Judgement(Outcome.REFUSED, "not delivered")
        return Judgement(Outcome.ACCEPTED, "0")

    def card_ref(self, message: Message, answer: Answer) -> str:  # noqa: ARG002
        """The `outTrackId`, as often as it is drawn anew."""
        return message.redraws or _name(message)


def _is_delivered(result: object) -> bool:
    """Whether each delivery in a result is a success; a result without deliveries is that of a card drawn anew."""
    if not isinstance(result, dict) or "deliverResults" not in result:
        return True
    delivered = result["deliverResults"]
    return isinstance(delivered, list) and all(
        isinstance(each, dict) and each.get("success") is True for each in delivered
    )


def _name(message: Message) -> str:
    return blake2b(message.notification_id.encode(), digest_size=16).hexdigest()


def _variables(message: Message) -> dict[str, str]:
    """What the template shows; a button that nobody may press has an empty one."""
    card = message.card
    links = "".join(f"\n\n[{each.label}]({each.url})" for each in card.buttons)
    return {
        "title": cut(plain(card.title), 200),
        "body": markdown_of(card, most_bytes=_BODY_BYTES_MAX) + links,
        **{f"seal_{act}": "" for act in Act},
        **{f"seal_{each.act}": each.seal for each in message.presses},
    }


def _by_status(answer: Answer) -> Judgement | None:
    """What the status says, but for throttling, which stands in the body's code."""
    judged = by_status(answer)
    if judged is not None and str(body_of(answer).get("code", "")).startswith(_THROTTLED):
        return Judgement(Outcome.RATE_LIMITED, _THROTTLED, answer.retry_after or timedelta(minutes=1))
    return judged
