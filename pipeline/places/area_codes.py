"""Landline area codes of mainland China by province, written without the leading zero. Old codes that merged are kept.

A mobile number says little about where its owner is; a table for those can be passed to the resolver.
"""

_BY_REGION: dict[str, str] = {
    "110000": "10",
    "120000": "22",
    "130000": "310 311 312 313 314 315 316 317 318 319 335",
    "140000": "349 350 351 352 353 354 355 356 357 358 359",
    "150000": "470 471 472 473 474 475 476 477 478 479 482 483",
    "210000": "24 410 411 412 413 414 415 416 417 418 419 421 427 429",
    "220000": "431 432 433 434 435 436 437 438 439",
    "230000": "451 452 453 454 455 456 457 458 459 464 467 468 469",
    "310000": "21",
    "320000": "25 510 511 512 513 514 515 516 517 518 519 523 527",
    "330000": "570 571 572 573 574 575 576 577 578 579 580",
    "340000": "550 551 552 553 554 555 556 557 558 559 561 562 563 564 565 566",
    "350000": "591 592 593 594 595 596 597 598 599",
    "360000": "701 790 791 792 793 794 795 796 797 798 799",
    "370000": "530 531 532 533 534 535 536 537 538 539 543 546 631 632 633 634 635",
    "410000": "370 371 372 373 374 375 376 377 378 379 391 392 393 394 395 396 398",
    "420000": "27 710 711 712 713 714 715 716 717 718 719 722 724 728",
    "430000": "730 731 732 733 734 735 736 737 738 739 743 744 745 746",
    "440000": "20 660 662 663 668 750 751 752 753 754 755 756 757 758 759 760 762 763 766 768 769",
    "450000": "770 771 772 773 774 775 776 777 778 779",
    "460000": "890 898 899",
    "500000": "23",
    "510000": "28 812 813 816 817 818 825 826 827 830 831 832 833 834 835 836 837 838 839",
    "520000": "851 852 853 854 855 856 857 858 859",
    "530000": "691 692 870 871 872 873 874 875 876 877 878 879 883 886 887 888",
    "540000": "891 892 893 894 895 896 897",
    "610000": "29 910 911 912 913 914 915 916 917 919",
    "620000": "930 931 932 933 934 935 936 937 938 939 941 943",
    "630000": "970 971 972 973 974 975 976 977 979",
    "640000": "951 952 953 954 955",
    "650000": "901 902 903 906 908 909 990 991 992 993 994 995 996 997 998 999",
}
_ABROAD = {"852": "810000", "853": "820000", "886": "710000"}  # country codes of Hong Kong, Macao, Taiwan

AREA_CODES: dict[str, str] = {code: region for region, codes in _BY_REGION.items() for code in codes.split()}

_LONGEST_CODE = 3


def region_of_number(prefix: str) -> str | None:
    """The region of a caller's leading digits (`0755123`, `+86755`, `0085261`); None for mobiles and the unreadable."""
    digits = prefix.strip()
    if digits.startswith(("+", "00")):
        digits = digits[1:] if digits.startswith("+") else digits[2:]
        if digits.startswith("86"):
            return _region_of_national(digits[2:])
        return _ABROAD.get(digits[:3])
    if digits.startswith("0"):
        return _region_of_national(digits)
    return None


def _region_of_national(digits: str) -> str | None:
    if digits.startswith("1") and not digits.startswith("10"):
        return None  # a mobile number: 13…, 15…, 18…; Beijing is 10
    digits = digits.removeprefix("0")
    return AREA_CODES.get(digits[:2]) or AREA_CODES.get(digits[:_LONGEST_CODE])
